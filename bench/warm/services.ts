// The services behind the wire, as far as vending asks them; what they keep is gone with `clear`. That they answer as the
// real ones do is for the tests to show: a request that is not answered 200 or 201 ends the benchmark.
import { generateKeyPairSync } from 'node:crypto';
import { fingerprints } from '../../lib/ssh/fingerprint.ts';
import { publicKeyLine } from '../../lib/ssh/public-key.ts';
import type { Answered, Sent } from './wire.ts';

// biome-ignore lint/suspicious/noExplicitAny: requests of our own adapters, which tests hold against the real services' words
type Json = Record<string, any>;
const pairs = new Map<string, object>();
const table = new Map<string, Map<string, Json>>();
const secrets = new Map<string, { Name: string; Tags: unknown; VersionIdsToStages: Record<string, string[]> }>();

export function clear(): void {
  for (const kept of [pairs, table, secrets]) kept.clear();
}

/** As many keys as make no difference: making one for each pair would take longer than all that is measured. */
const keys = Array.from({ length: 16 }, () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const PublicKey = publicKeyLine(publicKey);
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  return { PublicKey, KeyPairFingerPrint: fingerprints(PublicKey).md5, pem };
});

/** One of them, as a cloud sends it. */
export const aPrivateKey = keys[0]!.pem;

/** `CreateKeyPair`, `PutItem`, and so on. */
export const actionOf = ({ headers }: Sent): string =>
  headers['x-amz-target']?.split('.').at(-1) ?? headers['x-acs-action'] ?? headers['x-tc-action'] ?? '';

export function answer(sent: Sent): Answered {
  const { headers, path, body } = sent;
  if (headers['x-acs-action'] !== undefined) return alibaba(actionOf(sent), new URLSearchParams(path.slice(2)));
  const input = JSON.parse(body) as Json;
  if (headers['x-tc-action'] === 'GetCallerIdentity') return ok({ Response: { AccountId: '1', RequestId: 'request' } });
  return headers['x-tc-action'] === undefined ? amazon(actionOf(sent), input) : tencent(input);
}

const ok = (body: unknown = {}): Answered => ({ status: 200, body });
const no = (type: string): Answered => ({ status: 400, body: { __type: type } });

function alibaba(action: string, query: URLSearchParams): Answered {
  if (action === 'GetCallerIdentity') return ok({ AccountId: '1', RequestId: 'request' });
  const name = query.get('KeyPairName') ?? '';
  if (action === 'DescribeKeyPairs') {
    const found = pairs.get(name);
    return ok({ KeyPairs: { KeyPair: found === undefined ? [] : [found] }, TotalCount: found === undefined ? 0 : 1 });
  }
  const { PublicKey, KeyPairFingerPrint, pem } = keys[pairs.size % keys.length]!;
  const made = { KeyPairName: name, KeyPairId: `ssh-bench${pairs.size}`, KeyPairFingerPrint };
  const evidence = query.has('RegionId') ? { PublicKey } : {}; // ENS has no regions, and shows no public key
  pairs.set(name, { ...made, ...evidence, CreationTime: new Date().toISOString() });
  return ok({ ...made, PrivateKeyBody: pem, RequestId: 'request' });
}

function tencent({ KeyName, ProjectId }: Json): Answered {
  const { PublicKey, pem } = keys[pairs.size % keys.length]!;
  const KeyPair = { KeyId: `skey-bench${pairs.size}`, KeyName, ProjectId, PublicKey, PrivateKey: pem };
  pairs.set(KeyName, KeyPair);
  return ok({ Response: { KeyPair, RequestId: 'request' } });
}

/** DynamoDB, Secrets Manager and EventBridge have no action in common. */
function amazon(action: string, input: Json): Answered {
  const items = table.get((input.Key ?? input.Item)?.pk.S) ?? new Map<string, Json>();
  const secret = secrets.get(input.SecretId);
  switch (action) {
    case 'GetItem':
      return ok({ Item: items.get(input.Key.sk.S) });
    case 'PutItem': {
      const { Item, ConditionExpression, ExpressionAttributeValues: values } = input;
      const standing = items.get(Item.sk.S);
      const expected = values?.[':expected'];
      const met = expected === undefined ? standing === undefined : expected.N === standing?.revision.N;
      if (ConditionExpression !== undefined && !met) return no('ConditionalCheckFailedException');
      table.set(Item.pk.S, items.set(Item.sk.S, Item));
      return ok();
    }
    case 'Query': {
      const found = table.get(input.ExpressionAttributeValues[':pk'].S) ?? [];
      return ok({ Items: [...found].filter(([sk]) => sk.startsWith('attempt/')).map(([, item]) => item) });
    }
    case 'DescribeTable':
      return ok({ Table: { TableId: 'bench' } });
    case 'CreateSecret':
      secrets.set(input.Name, { Name: input.Name, Tags: input.Tags, VersionIdsToStages: {} });
      return ok({ ARN: input.Name, Name: input.Name });
    case 'PutSecretValue':
      secret!.VersionIdsToStages[input.ClientRequestToken] = input.VersionStages;
      return ok({ VersionId: input.ClientRequestToken, VersionStages: input.VersionStages });
    case 'DescribeSecret':
      return ok({ ARN: input.SecretId, ...secret });
    case 'UpdateSecretVersionStage':
      secret!.VersionIdsToStages[input.MoveToVersionId]!.push(input.VersionStage);
      return ok();
    case 'GetSecretValue':
      return ok({ SecretString: upstreamKey });
    default: // UpdateItem for CVM's rate limit, PutEvents
      return ok({ FailedEntryCount: 0 });
  }
}

/** Fits either cloud. */
const upstreamKey = JSON.stringify({
  ...{ accessKeyId: 'LTAI-bench', accessKeySecret: 'bench' },
  ...{ secretId: 'AKID-bench', secretKey: 'bench' },
});
