// What nobody may do, or only those who are named.
import { loggingInFunctions } from '../../deploy/words.ts';
import type { Authorisation } from './authorisations.ts';
import { secretArn } from './authorisations.ts';
import { account, type Deployed, OWN_KEY, region } from './deployed.ts';

export interface Denied {
  readonly what: string;
  /** By a function of that name. */
  readonly asked: (name: string) => Authorisation;
  /** The functions that may all the same. */
  readonly except?: RegExp;
}

const OURS = { 'aws:ResourceTag/keyvend': 'example' };
const TAGS = { 'aws:TagKeys': ['keyvend', 'keyvend-identity'], 'aws:RequestTag/keyvend': 'example' };
const ecs = secretArn('keyvend/ecs/default/cn-hangzhou/web');
const secret = (action: string, context: Authorisation['context'], resource = ecs): Authorisation => ({
  action: `secretsmanager:${action}`,
  resource,
  context,
});
const byId = { 'secretsmanager:SecretId': ecs };
/** Of secrets of ECS. */
const makers = /^(ecs|rotation(Worker|Sec))/;
const OTHER_KEY = `arn:aws:kms:${region}:${account}:key/other`;

export function denied({ table, key, bus }: Deployed): readonly Denied[] {
  const make = (context: Authorisation['context']) =>
    secret('CreateSecret', { ...TAGS, 'secretsmanager:KmsKeyArn': key.arn, ...context });
  const items = (action: string, ...pk: string[]): Authorisation => ({
    action: `dynamodb:${action}`,
    resource: table.arn,
    context: pk.length === 0 ? {} : { 'dynamodb:LeadingKeys': pk },
  });
  const queue = (action: string, name: string): Authorisation => ({
    action: `sqs:${action}`,
    resource: `arn:aws:sqs:${region}:${account}:keyvend-example-${name}`,
    context: {},
  });
  const using = (action: string, context: Authorisation['context']): Authorisation => ({
    action: `kms:${action}`,
    resource: key.arn,
    context: { 'kms:CallerAccount': account, ...context },
  });
  const event = (source: string, type: string): Authorisation => ({
    action: 'events:PutEvents',
    resource: bus,
    context: { 'events:source': source, 'events:detail-type': type },
  });
  const through = (service: string) => ({ 'kms:ViaService': `${service}.${region}.amazonaws.com` });
  const always: readonly (Omit<Denied, 'asked'> & { readonly asked: Authorisation })[] = [
    { what: 'tags a secret that is ours', asked: secret('TagResource', { ...TAGS, ...byId, ...OURS }) },
    { what: 'tags a secret that has no tags', asked: secret('TagResource', { ...TAGS, ...byId }) },
    {
      what: 'tags a secret of another deployment',
      asked: secret('TagResource', { ...TAGS, ...byId, 'aws:ResourceTag/keyvend': 'other' }),
    },
    {
      what: 'takes tags off a secret',
      asked: secret('UntagResource', { ...byId, ...OURS, 'aws:TagKeys': ['keyvend'] }),
    },
    {
      what: 'makes a secret with the tag of another deployment',
      asked: make({ 'aws:RequestTag/keyvend': 'other' }),
    },
    {
      what: 'makes a secret with other tags beside ours',
      asked: make({ 'aws:TagKeys': ['keyvend', 'keyvend-identity', 'owner'] }),
      except: makers,
    },
    {
      what: 'makes a secret with other tags alone',
      asked: make({ 'aws:TagKeys': ['owner'], 'aws:RequestTag/keyvend': [] }),
    },
    {
      what: 'gives a secret of ours a tag that is not ours',
      asked: secret('TagResource', { ...byId, ...OURS, 'aws:TagKeys': ['owner'] }),
      except: makers,
    },
    ...[['keyvend'], ['owner', 'keyvend-identity'], ['keyvend-identity-2']].map((keys) => ({
      what: `gives a secret of ours the tags ${keys.join(' and ')}`,
      asked: secret('TagResource', { ...byId, ...OURS, 'aws:TagKeys': keys }),
    })),
    ...[{ 'aws:ResourceTag/keyvend': 'other' }, {}].map((its) => ({
      what: `gives a secret a tag that is ${'aws:ResourceTag/keyvend' in its ? "another deployment's" : "nobody's"}`,
      asked: secret('TagResource', { ...byId, ...its, 'aws:TagKeys': ['owner'] }),
    })),
    ...[key.arn, OWN_KEY].flatMap((arn) =>
      ['KmsKeyArn', 'KmsKeyId'].map((name) => ({
        what: `puts a secret of ours under the key ${arn === OWN_KEY ? 'that is listed' : 'of the stack'}, where AWS calls it ${name}`,
        asked: secret('UpdateSecret', { ...byId, ...OURS, [`secretsmanager:${name}`]: arn }),
        except: makers,
      })),
    ),
    {
      what: 'puts a secret of ours under another key',
      asked: secret('UpdateSecret', { ...byId, ...OURS, 'secretsmanager:KmsKeyArn': OTHER_KEY }),
    },
    {
      what: "puts another deployment's secret under our key",
      asked: secret('UpdateSecret', {
        ...{ ...byId, 'aws:ResourceTag/keyvend': 'other', 'secretsmanager:KmsKeyArn': key.arn },
      }),
    },
    {
      what: 'makes a secret under another key',
      asked: make({ 'secretsmanager:KmsKeyArn': OTHER_KEY }),
    },
    ...[key.arn, OWN_KEY].flatMap((arn) =>
      ['KmsKeyArn', 'KmsKeyId'].map((name) => ({
        what: `makes a secret under the key ${arn === OWN_KEY ? 'that is listed' : 'of the stack'}, where AWS calls it ${name}`,
        asked: secret('CreateSecret', { ...TAGS, [`secretsmanager:${name}`]: arn }),
        except: makers,
      })),
    ),
    {
      what: 'tags a secret as it is made',
      asked: secret('TagResource', TAGS),
      except: makers,
    },
    { what: "makes a secret under the account's own key", asked: secret('CreateSecret', TAGS) },
    { what: 'makes a secret with replicas', asked: make({ 'secretsmanager:AddReplicaRegions': ['us-east-1'] }) },
    {
      what: 'makes a secret elsewhere',
      asked: { ...make({}), resource: secretArn('keyvend-upstream/example/ecs/default') },
    },
    ...['PutSecretValue', 'UpdateSecretVersionStage', 'RestoreSecret', 'GetSecretValue'].flatMap((action) => [
      {
        what: `${action} on a secret of another deployment`,
        asked: secret(action, { 'aws:ResourceTag/keyvend': 'other' }),
      },
      { what: `${action} on a secret without tags`, asked: secret(action, {}) },
      {
        what: `${action} on a secret of another application`,
        asked: secret(action, OURS, secretArn('payments/keyvend/ecs/web')),
      },
    ]),
    {
      what: 'deletes a secret at once',
      asked: secret('DeleteSecret', { ...OURS, 'secretsmanager:ForceDeleteWithoutRecovery': 'true' }),
    },
    {
      what: 'deletes a secret for a week',
      asked: secret('DeleteSecret', { ...OURS, 'secretsmanager:RecoveryWindowInDays': '7' }),
    },
    ...['UpdateSecret', 'RotateSecret', 'PutResourcePolicy', 'ReplicateSecretToRegions'].map((action) => ({
      what: `${action}`,
      asked: secret(action, OURS),
    })),
    {
      what: 'reads a stored key',
      asked: secret('GetSecretValue', OURS),
      except: /^(rotationWorker|rotationSecretsManager|recoverySettle|recoveryReconcile)$/,
    },
    {
      what: 'fills a secret',
      asked: secret('PutSecretValue', OURS),
      except: /^(ecsHttp|ecsQueue|rotationWorker|rotationSecretsManager)$/,
    },
    {
      what: 'reads an access key of ECS',
      asked: secret('GetSecretValue', {}, secretArn('keyvend-upstream/example/ecs/default')),
      except: /^(ecs|rotation(Worker|Sec)|recovery|lifecycleFleet)/,
    },
    {
      what: 'reads an access key of another stage',
      asked: secret('GetSecretValue', {}, secretArn('keyvend-upstream/prod/ecs/default')),
    },
    { what: 'lists secrets', asked: secret('ListSecrets', {}, '*'), except: /^recoveryReconcile$/ },
    {
      what: 'reads an item of ECS',
      asked: items('GetItem', 'ecs/default/cn-hangzhou/web'),
      except: /^(ecs|catalog|lifecycle|rotation|recovery)/,
    },
    {
      what: 'writes an item of ECS',
      asked: items('PutItem', 'ecs/default/cn-hangzhou/web'),
      except: /^(ecs|lifecycle|rotation|recovery(Settle|Reconcile))/,
    },
    ...['DeleteItem', 'BatchWriteItem', 'PartiQLDelete'].map((action) => ({
      what: `${action} of the ledger`,
      asked: items(action, 'ecs/default/cn-hangzhou/web'),
    })),
    { what: 'Scan of the ledger', asked: items('Scan') },
    {
      what: 'writes an item of no provider',
      asked: items('PutItem', 'other'),
    },
    {
      what: 'finds what is due to be rotated',
      asked: { action: 'dynamodb:Query', resource: `${table.arn}/index/rotate`, context: {} },
      except: /^rotationDue$/,
    },
    { what: 'uses the key by itself', asked: using('Decrypt', {}) },
    {
      what: "uses the key for somebody else's secret",
      asked: using('Decrypt', {
        ...through('secretsmanager'),
        'kms:EncryptionContext:SecretARN': secretArn('payments/web'),
      }),
    },
    {
      what: 'uses the key for another table',
      asked: using('Decrypt', {
        ...through('dynamodb'),
        'kms:EncryptionContext:aws:dynamodb:tableName': 'payments',
        'kms:EncryptionContext:aws:dynamodb:subscriberId': account,
      }),
    },
    { what: 'gives the key away', asked: using('CreateGrant', { 'kms:GrantIsForAWSResource': 'true' }) },
    ...['ecs', 'rotation'].map((owner) => ({
      what: `takes from the queue ${owner}`,
      asked: queue('ReceiveMessage', owner),
      except: new RegExp(`^(${owner}Queue|${owner}Worker)$`),
    })),
    {
      what: 'asks for a key pair by a queue',
      asked: queue('SendMessage', 'ecs'),
    },
    { what: 'asks for a key pair by the bus', asked: event('portal', 'keyvend.key-pair.requested') },
    { what: 'asks for a key pair by the bus in our name', asked: event('keyvend', 'keyvend.key-pair.requested') },
    { what: "announces in somebody else's name", asked: event('portal', 'keyvend.key-pair.vended') },
  ];
  const vpc = (asking: 'Lambda' | 'code') => (name: string) => ({
    action: 'ec2:CreateNetworkInterface',
    resource: `arn:aws:ec2:${region}:${account}:network-interface/eni-0a1b2c3d`,
    context: (asking === 'Lambda'
      ? {}
      : {
          'lambda:SourceFunctionArn': `arn:aws:lambda:${region}:${account}:function:keyvend-example-${name}`,
        }) as Authorisation['context'],
  });
  return [
    ...always.map((one) => ({ ...one, asked: () => one.asked })),
    { what: 'makes a network interface, by its own code', asked: vpc('code') },
    {
      what: 'makes a network interface, as Lambda does for it',
      asked: vpc('Lambda'),
      except: new RegExp(`^(${loggingInFunctions.join('|')})$`),
    },
  ];
}
