// What a function may do, one statement each. Resource names tell the providers apart: the ENS functions reach no key of ECS.
// Source: Service Authorization Reference (actions, resource types and condition keys of each service).
import { providerNames } from '../lib/provider-table.ts';
import type { NoticeType } from '../lib/vending/notice.ts';
import { secretArn, VALIDATION, via } from './kms-key.ts';
import { tableName } from './ledger-resource.ts';
import type { Parameters } from './parameters.ts';
import { deadLettersOf, queueOf } from './queue-resources.ts';
import { arn, att, type Provider, type QueueOwner, ref, sub, title, type Value } from './words.ts';

const allow = (Sid: string, Action: readonly string[], Resource: Value, Condition?: Value): Value => ({
  Sid,
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});

export const ownLogs = (name: string): Value =>
  allow('OwnLogs', ['logs:CreateLogStream', 'logs:PutLogEvents'], att(`${title(name)}LogGroup`));

const ledgerOf = (served: readonly Provider[], ...actions: readonly string[]): Value =>
  allow('Ledger', actions, att('Ledger'), {
    'ForAllValues:StringLike': {
      'dynamodb:LeadingKeys': [
        'remembered/*',
        'slots/access/*', // the limits of grants
        ...served.flatMap((provider) => [`${provider}/*`, `slots/${provider}/*`]),
      ],
    },
  });

/** The providers' own items, what is remembered, and the permits of a second. No index, no delete, no scan. */
export const writeLedger = (...served: readonly Provider[]): Value =>
  ledgerOf(served, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:Query');

/** For those who change what is on record and vend nothing: they take no permit, and ask after no attempt. */
export const changeLedger: Value = ledgerOf(providerNames, 'dynamodb:GetItem', 'dynamodb:PutItem');

/** A table that was restored or copied is told by its id. */
export const lookAtLedger: Value = allow('LedgerItself', ['dynamodb:DescribeTable'], att('Ledger'));

/** What was counted, for the functions that report it. */
export const rememberInLedger: Value = allow('LedgerRemembers', ['dynamodb:PutItem'], att('Ledger'), {
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['remembered/*'] },
});

/** A place in the line of those who ask a cloud that takes so many calls a second. */
export const takeTurns: Value = allow('LedgerTurns', ['dynamodb:UpdateItem'], att('Ledger'), {
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': providerNames.map((provider) => `slots/${provider}/*`) },
});

/** Whose a pair is, its attempts say. */
export const readAttempts: Value = allow('LedgerAttempts', ['dynamodb:Query'], att('Ledger'));

const index = (name: string): Value => sub(`\${Ledger.Arn}/index/${name}`);

/** What is due. An index has keys only. */
export const findDue = (...dues: readonly ('settle' | 'announce' | 'rotate')[]): Value =>
  allow('LedgerDue', ['dynamodb:Query'], dues.map(index));

export const readLedger: readonly Value[] = [
  allow('LedgerRecords', ['dynamodb:GetItem', 'dynamodb:BatchGetItem'], att('Ledger')),
  allow('LedgerListings', ['dynamodb:Query'], ['by-provider', 'by-state'].map(index)),
];

/** DynamoDB unwraps the table's key on its caller's behalf. */
export const openLedger = (stage: string): Value =>
  allow('LedgerKey', ['kms:Decrypt'], att('Key'), {
    StringEquals: {
      'kms:ViaService': via('dynamodb'),
      'kms:EncryptionContext:aws:dynamodb:tableName': tableName(stage),
      'kms:EncryptionContext:aws:dynamodb:subscriberId': ref('AWS::AccountId'),
    },
  });

/** For all providers in one word: IAM takes 10,240 characters of a role, and this is in most of its statements. */
const storedFor = (served: readonly Provider[]): Value[] =>
  served.length === providerNames.length
    ? [secretArn('keyvend/*')]
    : served.map((provider) => secretArn(`keyvend/${provider}/*`));
/** As long as AWS permits, and what the store asks for. */
const RECOVERY_WINDOW_DAYS = 30;

const taggedBy = ({ deployment }: Parameters) => ({ StringEquals: { 'aws:ResourceTag/keyvend': deployment } });

/** The stack's own, and those that secrets may have beside it. */
const secretKeys = ({ secretKeys: others }: Parameters): Value => [att('Key'), ...others];
/** What the tags that we set are called, and all that begin like them: nobody else's do. */
const OUR_TAGS = 'keyvend*';

/**
 * Makes secrets that carry our tag under our key or one that is listed, and fills them. `kms:Decrypt` is for Secrets Manager, which compares a
 * key that is put again with the one that it has, and puts a secret under another key.
 */
export function makeSecrets(parameters: Parameters, ...served: readonly Provider[]): Value[] {
  const ours = storedFor(served);
  const keys = secretKeys(parameters);
  // Whatever other tags a request wants, ours are among them.
  const tags = { StringEquals: { 'aws:RequestTag/keyvend': parameters.deployment } };
  // Bound to the tags that come with them, because there is no tag to check yet. Twice: AWS has renamed the condition key.
  const make = (Sid: string, keyName: string) =>
    allow(Sid, ['secretsmanager:CreateSecret'], ours, {
      ...tags,
      StringEquals: { ...tags.StringEquals, [keyName]: keys },
      Null: { 'secretsmanager:AddReplicaRegions': true },
    });
  // Without a key in the request there is nothing to compare, and nothing is allowed.
  const change = (Sid: string, keyName: string) =>
    allow(Sid, ['secretsmanager:UpdateSecret'], ours, {
      StringEquals: { ...taggedBy(parameters).StringEquals, [keyName]: keys },
    });
  return [
    make('MakeSecrets', 'secretsmanager:KmsKeyArn'),
    make('MakeSecretsByKeyId', 'secretsmanager:KmsKeyId'),
    // Ours only as part of making one: whoever could tag a secret that is there could make it ours, or another identity's.
    allow('TagWhatIsMade', ['secretsmanager:TagResource'], ours, {
      ...tags,
      Null: { 'secretsmanager:SecretId': true },
    }),
    allow('TagSecrets', ['secretsmanager:TagResource'], ours, {
      ...taggedBy(parameters),
      'ForAllValues:StringNotLike': { 'aws:TagKeys': OUR_TAGS },
      Null: { 'aws:TagKeys': false },
    }),
    change('ChangeSecretsKey', 'secretsmanager:KmsKeyArn'),
    change('ChangeSecretsKeyByKeyId', 'secretsmanager:KmsKeyId'),
    // Counted first: AWS takes only so many versions.
    allow(
      'FillSecrets',
      ['secretsmanager:ListSecretVersionIds', 'secretsmanager:PutSecretValue'],
      ours,
      taggedBy(parameters),
    ),
    useKey(keys, ours, 'kms:GenerateDataKey', 'kms:Decrypt'),
  ];
}

/** Looks at secrets and moves labels. It shows no key that is stored already. */
export const labelSecrets = (parameters: Parameters, ...served: readonly Provider[]): Value[] => [
  // Unbound: a name that is free has no tags, and must be told from one that is refused.
  allow('LookAtSecrets', ['secretsmanager:DescribeSecret'], storedFor(served)),
  allow('LabelSecrets', ['secretsmanager:UpdateSecretVersionStage'], storedFor(served), taggedBy(parameters)),
];

/** Removes secrets, recoverably for as long as there is, and brings them back. */
export const retireSecrets = (parameters: Parameters, ...served: readonly Provider[]): Value[] => [
  allow('RestoreSecrets', ['secretsmanager:RestoreSecret'], storedFor(served), taggedBy(parameters)),
  allow('RetireSecrets', ['secretsmanager:DeleteSecret'], storedFor(served), {
    ...taggedBy(parameters),
    BoolIfExists: { 'secretsmanager:ForceDeleteWithoutRecovery': false },
    NumericEquals: { 'secretsmanager:RecoveryWindowInDays': RECOVERY_WINDOW_DAYS },
  }),
];

const useKey = (keys: Value, ours: readonly Value[], ...actions: readonly string[]): Value =>
  allow('SecretsKey', actions, keys, {
    StringEquals: { 'kms:ViaService': via('secretsmanager') },
    StringLike: { 'kms:EncryptionContext:SecretARN': [...ours, VALIDATION] },
  });

/** Settling compares a stored key with the cloud's evidence, and a rotation logs in with it. Nothing that answers callers does either. */
export const readSecrets = (parameters: Parameters): Value =>
  allow('ReadSecrets', ['secretsmanager:GetSecretValue'], storedFor(providerNames), taggedBy(parameters));

/** For those who read and make none. */
export const openSecrets = (parameters: Parameters): Value =>
  useKey(secretKeys(parameters), storedFor(providerNames), 'kms:Decrypt');

/** The clouds' access keys. */
export function readUpstreamKeys({ stage }: Parameters, ...served: readonly Provider[]): Value[] {
  const theirs = served.map((provider) => secretArn(`keyvend-upstream/${stage}/${provider}/*`));
  return [
    allow('UpstreamKeys', ['secretsmanager:GetSecretValue'], theirs),
    allow('UpstreamKeysKey', ['kms:Decrypt'], att('Key'), {
      StringEquals: { 'kms:ViaService': via('secretsmanager') },
      StringLike: { 'kms:EncryptionContext:SecretARN': theirs },
    }),
  ];
}

/** Announcements, and not requests: those are for others to make. */
export const announce = (...outcomes: readonly ('vended' | 'rotated' | 'refused' | NoticeType)[]): Value =>
  allow('Announce', ['events:PutEvents'], att('Bus'), {
    StringEquals: {
      'events:source': 'keyvend',
      'events:detail-type': outcomes.map((outcome) => `keyvend.key-pair.${outcome}`),
    },
  });

/** ListSecrets takes no resource: it shows names and tags of every secret in the account, and no value. */
export const listSecrets: Value = allow('ListSecrets', ['secretsmanager:ListSecrets'], '*');

export const consume = (owner: QueueOwner): Value[] => [
  allow(
    'OwnQueue',
    ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
    att(queueOf(owner)),
  ),
  allow('OwnDeadLetters', ['sqs:SendMessage'], att(deadLettersOf(owner))),
];

export const wakeRotation: Value = allow('RotationQueue', ['sqs:SendMessage'], att(queueOf('rotation')));

/**
 * What Lambda itself needs for a function in a VPC, with its role; the function's own code may do none of it. The resource has to be `*`:
 * before Lambda takes the function it checks these rights, on no interface in particular, since there is none yet, and refuses a role whose
 * rights are narrower ("does not have permissions to call ..."). Source: Lambda Developer Guide, "Giving Lambda functions access to
 * resources in an Amazon VPC", with the deny by `lambda:SourceFunctionArn`.
 */
export function attachToVpc({ stage, vpc }: Parameters, name: string): Value[] {
  if (vpc === undefined) return [];
  const actions = [
    ...['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', 'ec2:CreateNetworkInterface'],
    ...['ec2:DeleteNetworkInterface', 'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses'],
  ];
  const itself = { ArnEquals: { 'lambda:SourceFunctionArn': arn('lambda', `function:keyvend-${stage}-${name}`) } };
  return [
    allow('AttachToVpc', actions, '*'),
    { Sid: 'OnlyLambdaItself', Effect: 'Deny', Action: actions, Resource: '*', Condition: itself },
  ];
}
