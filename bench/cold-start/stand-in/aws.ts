// As much of Secrets Manager, DynamoDB and EventBridge as a vend that succeeds can tell from the real ones: no conditions, no
// signatures, nothing that takes time. State is by name, and every sample has a name of its own.
import { randomUUID } from 'node:crypto';
import type { Answering } from './asked.ts';

const arnOf = (name: string) => `arn:aws:secretsmanager:us-east-1:123456789012:secret:${name}-Ab12Cd`;

const named = (Name: string) => ({ ARN: arnOf(Name), Name });

/** For all clouds in one: each reader takes what it knows. */
const accessKey = { accessKeyId: 'LTAI', accessKeySecret: 'bench', secretId: 'AKID', secretKey: 'bench' };

interface Secret {
  readonly ARN: string;
  readonly Name: string;
  readonly Tags: unknown;
  readonly VersionIdsToStages: Record<string, string[]>;
}

export function secretsmanager(): Answering {
  const secrets = new Map<string, Secret>();

  return ({ action, fields }) => {
    if (action === 'ListSecrets') return { SecretList: [] };
    if (action === 'GetSecretValue') return { ...named(fields.SecretId), SecretString: JSON.stringify(accessKey) };
    if (action === 'CreateSecret') {
      const made = { ...named(fields.Name), Tags: fields.Tags, VersionIdsToStages: {} };
      secrets.set(made.Name, made).set(made.ARN, made);
      return named(fields.Name);
    }
    const secret = secrets.get(fields.SecretId);
    if (secret === undefined) return undefined;
    const { ARN, Name } = secret;
    const stages = secret.VersionIdsToStages;
    if (action === 'DescribeSecret') return secret;
    if (action === 'PutSecretValue') {
      // "If this operation creates the first version for the secret, then Secrets Manager automatically attaches AWSCURRENT."
      const first = Object.keys(stages).length === 0 ? ['AWSCURRENT'] : [];
      stages[fields.ClientRequestToken] = [...fields.VersionStages, ...first];
      return { ARN, Name, VersionId: fields.ClientRequestToken, VersionStages: stages[fields.ClientRequestToken] };
    }
    if (action === 'UpdateSecretVersionStage') {
      stages[fields.MoveToVersionId]?.push(fields.VersionStage);
      return { ARN, Name };
    }
    return undefined;
  };
}

type Item = Readonly<Record<string, { readonly S?: string }>>;

export function dynamodb(): Answering {
  const partitions = new Map<string, Map<string, Item>>();
  const partition = (pk: string) => partitions.get(pk) ?? partitions.set(pk, new Map()).get(pk)!;

  return ({ action, fields }) => {
    if (action === 'DescribeTable') return { Table: { TableId: 'bench' } };
    if (action === 'UpdateItem') return {}; // a permit, which never runs out here
    if (action === 'PutItem') {
      partition(fields.Item.pk.S).set(fields.Item.sk.S, fields.Item);
      return {};
    }
    if (action === 'GetItem') {
      const Item = partition(fields.Key.pk.S).get(fields.Key.sk.S);
      return Item === undefined ? {} : { Item };
    }
    if (action !== 'Query') return undefined;
    if (fields.IndexName !== undefined) return { Items: [], Count: 0, ScannedCount: 0 }; // nothing is due, and nothing is listed
    const { ':pk': pk, ':attempt': prefix } = fields.ExpressionAttributeValues;
    const Items = [...partition(pk.S)].flatMap(([sk, item]) => (sk.startsWith(prefix.S) ? [item] : []));
    return { Items, Count: Items.length, ScannedCount: Items.length };
  };
}

export const events: Answering = ({ action }) =>
  action === 'PutEvents' ? { FailedEntryCount: 0, Entries: [{ EventId: randomUUID() }] } : undefined;
