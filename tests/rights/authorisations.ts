// What AWS asks IAM before it carries out one call: actions, resources and condition keys; the key's among them, which Secrets Manager and DynamoDB
// use on their caller's behalf. Source: Service Authorization Reference, "Actions, resources, and condition keys" of each service; Secrets
// Manager User Guide, "Secret encryption and decryption"; DynamoDB Developer Guide, "Encryption at rest: how it works".
import type { Json } from '../deploy/packaged.ts';
import { account, type Deployed, region } from './deployed.ts';
import type { Call } from './recorder.ts';

export interface Authorisation {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | string[]>>;
}

/** AWS adds six characters to a secret's name; those of the stand-in are random. */
const SUFFIX = '-AbCdEf';
export const secretArn = (name: string): string =>
  `arn:aws:secretsmanager:${region}:${account}:secret:${name}${SUFFIX}`;
const nameOf = (secretId: string): string =>
  secretId
    .replace(/^arn:.*:secret:/, '')
    .replace(/-[A-Za-z0-9]{6}$/, (end) => (secretId.startsWith('arn:') ? '' : end));

export function authorisationsOf(call: Call, deployed: Deployed): Authorisation[] {
  const { service, action, input } = call;
  if (service === 'dynamodb') return ofTable(action, input, deployed);
  if (service === 'secretsmanager') return ofSecret(call, deployed);
  if (service === 'sqs') {
    const name = String(input.QueueUrl).split('/').at(-1);
    return [{ action: `sqs:${action}`, resource: `arn:aws:sqs:${region}:${account}:${name}`, context: {} }];
  }
  // Each entry is looked at by itself.
  return input.Entries.map(({ Source, DetailType }: Json) => ({
    action: `events:${action}`,
    resource: deployed.bus,
    context: { 'events:source': Source, 'events:detail-type': DetailType },
  }));
}

function ofTable(action: string, input: Json, { table, key }: Deployed): Authorisation[] {
  const index = input.IndexName === undefined ? '' : `/index/${input.IndexName}`;
  const leading = index === '' ? leadingKeysOf(input, table.name) : [];
  const its: Authorisation = {
    action: `dynamodb:${action}`,
    resource: `${table.arn}${index}`,
    context: leading.length === 0 ? {} : { 'dynamodb:LeadingKeys': leading },
  };
  if (action === 'DescribeTable') return [its];
  const context = {
    'kms:ViaService': `dynamodb.${region}.amazonaws.com`,
    'kms:CallerAccount': account,
    'kms:EncryptionContext:aws:dynamodb:tableName': table.name,
    'kms:EncryptionContext:aws:dynamodb:subscriberId': account,
  };
  return [its, { action: 'kms:Decrypt', resource: key.arn, context }];
}

/** The partition keys of the items that a call is about. */
function leadingKeysOf(
  { Key, Item, RequestItems, KeyConditionExpression, ExpressionAttributeValues }: Json,
  table: string,
): string[] {
  if (RequestItems !== undefined) return RequestItems[table].Keys.map(({ pk }: Json) => pk.S);
  const [, value] = /^#?pk = (:\w+)/.exec(KeyConditionExpression ?? '') ?? [];
  const pk = Key?.pk ?? Item?.pk ?? ExpressionAttributeValues?.[value!];
  return pk === undefined ? [] : [pk.S];
}

function ofSecret({ action, input, tags, key = '' }: Call, deployed: Deployed): Authorisation[] {
  if (action === 'ListSecrets') return [{ action: 'secretsmanager:ListSecrets', resource: '*', context: {} }];
  const name = nameOf(input.SecretId ?? input.Name);
  const resource = secretArn(name);
  // Those of the clouds, which nobody here has made, are under the stack's own.
  const usingKey = (arn: string, ...actions: string[]): Authorisation[] =>
    actions.map((one) => ({
      action: `kms:${one}`,
      resource: arn || deployed.key.arn,
      context: {
        'kms:ViaService': `secretsmanager.${region}.amazonaws.com`,
        'kms:CallerAccount': account,
        'kms:EncryptionContext:SecretARN': resource,
      },
    }));
  const using = (...actions: string[]) => usingKey(key, ...actions);
  const validating = usingKey(input.KmsKeyId, 'GenerateDataKey', 'Decrypt').map((one) => ({
    ...one,
    context: { ...one.context, 'kms:EncryptionContext:SecretARN': 'RequestToValidateKeyAccess' },
  }));
  const given = Object.entries(tagsIn(input.Tags));
  const tagging = given.length > 0 && {
    'aws:TagKeys': given.map(([tag]) => tag),
    ...Object.fromEntries(given.map(([tag, value]) => [`aws:RequestTag/${tag}`, value])),
  };
  const keyed = input.KmsKeyId !== undefined && {
    'secretsmanager:KmsKeyArn': input.KmsKeyId,
    'secretsmanager:KmsKeyId': input.KmsKeyId,
  };
  if (action === 'CreateSecret') {
    const making = { ...tagging, 'secretsmanager:Name': name, ...keyed };
    return [
      { action: 'secretsmanager:CreateSecret', resource, context: making },
      { action: 'secretsmanager:TagResource', resource, context: { ...tagging } },
      ...validating,
    ];
  }
  const its: Authorisation = {
    action: `secretsmanager:${action}`,
    resource,
    context: {
      'secretsmanager:SecretId': input.SecretId,
      ...{ ...tagging, ...keyed },
      ...Object.fromEntries(Object.entries(tags ?? {}).map(([tag, value]) => [`aws:ResourceTag/${tag}`, value])),
      ...(action === 'DeleteSecret' && {
        'secretsmanager:RecoveryWindowInDays': String(input.RecoveryWindowInDays),
        'secretsmanager:ForceDeleteWithoutRecovery': 'false',
      }),
    },
  };
  // Nothing is encrypted anew where the caller may not encrypt by itself, and ours may not.
  if (action === 'UpdateSecret') return [its, ...validating, ...using('Decrypt')];
  if (action === 'PutSecretValue') return [its, ...using('GenerateDataKey', 'Decrypt')];
  return action === 'GetSecretValue' ? [its, ...using('Decrypt')] : [its];
}

export const tagsIn = (
  tags: readonly { readonly Key: string; readonly Value: string }[] = [],
): Record<string, string> => Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
