// A key's reader on AWS, with the rights that docs/deploy.md gives one: to fetch the value, and nothing else.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { readersStore } from '../../lib/platforms/readers-store.ts';
import type { SecretStore } from '../../lib/secrets/secret-store.ts';
import {
  accessKeyId,
  refusal,
  type StandIn,
  secretAccessKey,
  startStandIn,
} from '../conformance/secret-aws-stand-in.ts';

const identity = { provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'web:prod' } as const;
const Name = 'keyvend/ecs/default/cn-hangzhou/web=3Aprod';
let standIn: StandIn;
let store: SecretStore;

beforeAll(async () => {
  standIn = await startStandIn(systemClock);
  store = await readersStore({
    KEYVEND_PLATFORM: 'aws',
    KEYVEND_DEPLOYMENT: 'prod',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: standIn.endpoint,
  });
  // Another right than that one is refused, each time.
  for (const action of ['DescribeSecret', 'ListSecrets'])
    for (let times = 0; times < 20; times += 1)
      standIn.faults.push({ action, answer: refusal('AccessDeniedException') });
});
afterAll(async () => {
  await store.close();
  await standIn.stop();
});

const put = (versionId: string, SecretString: string, ...VersionStages: string[]) =>
  standIn.rules.act('PutSecretValue', { SecretId: Name, ClientRequestToken: versionId, SecretString, VersionStages });
const read = async (versionId?: string) => (await store.reveal(identity, versionId))?.reveal();

describe('a reader who may fetch values, and do nothing else', () => {
  it('gets the current key, each version by its id, and nothing that does not count as stored', async () => {
    expect(await read()).toBeUndefined();
    standIn.rules.act('CreateSecret', { Name, ClientRequestToken: randomUUID() });
    expect(await read()).toBeUndefined();
    const [first, second, unlabelled] = [randomUUID(), randomUUID(), randomUUID()];
    put(first, 'first', `keyvend-${first}/ssh-1`);
    put(second, 'second', `keyvend-${second}/ssh-2`);
    put(unlabelled, 'third', 'somebody');
    expect([await read(), await read(first), await read(second)]).toEqual(['first', 'first', 'second']);
    expect([await read(unlabelled), await read(randomUUID())]).toEqual([undefined, undefined]);
    standIn.rules.act('UpdateSecretVersionStage', {
      SecretId: Name,
      VersionStage: 'AWSCURRENT',
      RemoveFromVersionId: first,
      MoveToVersionId: unlabelled,
    });
    expect(await read()).toBeUndefined();
    expect(new Set(standIn.calls.map(({ action }) => action))).toEqual(new Set(['GetSecretValue']));
  });

  it('is told so where even that is refused', async () => {
    standIn.faults.push({ action: 'GetSecretValue', answer: refusal('AccessDeniedException') });
    await expect(read()).rejects.toMatchObject({ code: 'STORE_REFUSED' });
  });
});
