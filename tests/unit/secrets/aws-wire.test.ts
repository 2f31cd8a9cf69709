import { afterEach, describe, expect, it } from 'vitest';
import type { Identity } from '../../../lib/identity.ts';
import { Secret } from '../../../lib/secret.ts';
import { type AwsHarness, awsOnStandIn } from '../../conformance/secret-aws-local.ts';
import {
  aKey,
  anId,
  currentOf,
  failureOf,
  idsOf,
  kept,
  keptAsCurrent,
  textOf,
  web,
} from '../../conformance/secret-harness.ts';

let aws: AwsHarness;
const start = async () => {
  aws = await awsOnStandIn();
  return { ...aws, calls: aws.standIn.calls, rules: aws.standIn.rules };
};
afterEach(() => aws.stop());

const NAME = 'keyvend/ecs/default/cn-hangzhou/web';
const WRITES = new Set(['CreateSecret', 'PutSecretValue', 'UpdateSecretVersionStage', 'DeleteSecret', 'RestoreSecret']);

describe('what goes over the wire to AWS Secrets Manager', () => {
  it('is two calls for a first key: an empty secret with our tags, then the key with its label', async () => {
    const { store, calls, rules } = await start();
    const { id, key } = await kept(store, web);
    expect(calls.map(({ action }) => action)).toEqual(['CreateSecret', 'PutSecretValue']);
    const secret = rules.held.get(NAME);
    expect(calls[1]?.input).toEqual({
      SecretId: secret?.arn,
      ClientRequestToken: id,
      SecretString: key.reveal(),
      VersionStages: [`keyvend-${id}`],
    });
    expect([...secret!.versions.get(id)!.stages]).toEqual([`keyvend-${id}`, 'AWSCURRENT']);
    expect(secret?.tags).toEqual([
      { Key: 'keyvend', Value: 'here' },
      { Key: 'keyvend-identity', Value: 'ecs/default/cn-hangzhou/web' },
    ]);
  });

  it('has the key in PutSecretValue alone, and never in a URL', async () => {
    const { store, calls } = await start();
    const keys = [await keptAsCurrent(store, web), await keptAsCurrent(store, web)];
    await store.put(web, keys[0]!.id, keys[0]!.key);
    await store.remove(web, keys[0]!.id);
    await store.reveal(web);
    await store.list();
    expect(new Set(calls.map(({ url }) => url))).toEqual(new Set(['/']));
    const carrying = calls.filter(({ input }) => JSON.stringify(input).includes('PRIVATE KEY'));
    expect(carrying.map(({ action }) => action)).toEqual(['PutSecretValue', 'PutSecretValue']);
  });

  it('has our own label with every put and AWSCURRENT with none, and the full ARN once that is known', async () => {
    const { store, calls, rules } = await start();
    const first = await keptAsCurrent(store, web);
    const second = await kept(store, web);
    await store.makeCurrent(web, second.id, first.id);
    await store.remove(web, first.id);
    await store.put(web, first.id, first.key); // brings its label back
    const puts = calls.filter(({ action }) => action === 'PutSecretValue');
    expect(puts.flatMap(({ input }) => input.VersionStages)).toEqual([`keyvend-${first.id}`, `keyvend-${second.id}`]);
    const byId = calls.filter(({ action, input }) => WRITES.has(action) && input.SecretId !== undefined);
    expect(new Set(byId.map(({ input }) => input.SecretId))).toEqual(new Set([rules.held.get(NAME)?.arn]));
    const moves = calls.filter(({ input }) => input.VersionStage === 'AWSCURRENT');
    expect(moves.map(({ input }) => input)).toMatchObject([
      { RemoveFromVersionId: first.id, MoveToVersionId: second.id },
    ]);
  });

  it('includes a deletion for the last version alone, scheduled with the recovery window', async () => {
    const { open, calls, rules, clock } = await start();
    const store = open({ recoveryWindowDays: 7 });
    const [first, second] = [await keptAsCurrent(store, web), await keptAsCurrent(store, web)];
    await store.remove(web, first.id);
    expect(rules.held.get(NAME)?.deletedDate).toBeUndefined();
    expect(rules.held.get(NAME)?.versions.get(first.id)?.stages.size).toBe(0);
    await store.remove(web, second.id);
    const deletions = calls.filter(({ action }) => action === 'DeleteSecret').map(({ input }) => input);
    expect(deletions).toEqual([{ SecretId: rules.held.get(NAME)?.arn, RecoveryWindowInDays: 7 }]);
    expect(rules.held.get(NAME)?.deletedDate).toBe(clock.wallMs() / 1_000 + 7 * 86_400);
    await store.put(web, first.id, first.key);
    expect(rules.held.get(NAME)?.deletedDate).toBeUndefined();
    expect(idsOf(await store.find(web))).toEqual([first.id]);
  });

  it('names the KMS key where one is configured, even with a session token', async () => {
    const { open, calls, rules, options } = await start();
    const credentials = async () => ({ ...(await options.credentials()), sessionToken: new Secret('a token') });
    await kept(open({ kmsKeyId: 'alias/keys', credentials }), web);
    expect(calls[0]?.input.KmsKeyId).toBe('alias/keys');
    expect(rules.held.get(NAME)?.kmsKeyId).toBe('alias/keys');
  });
});

describe('a secret in AWS that is not ours', () => {
  const tagged = (deployment: string, identity: string) => [
    { Key: 'keyvend', Value: deployment },
    { Key: 'keyvend-identity', Value: identity },
  ];
  const theirs = {
    'has no tags': [],
    'has the deployment’s tag alone': [{ Key: 'keyvend', Value: 'here' }],
    'has another identity’s tag': tagged('here', 'ecs/default/cn-hangzhou/other'),
    'has another deployment’s tag': tagged('here-too', 'ecs/default/cn-hangzhou/web'),
    'has both tags in other letters': tagged('HERE', 'ecs/default/cn-hangzhou/web'),
  };
  it.each(Object.entries(theirs))('%s, and no write is ever sent to it', async (_, Tags) => {
    const { store, calls, rules } = await start();
    const id = anId();
    rules.act('CreateSecret', { Name: NAME, ClientRequestToken: id, SecretString: 'theirs', Tags });
    for (const scheduled of [false, true]) {
      if (scheduled) rules.act('DeleteSecret', { SecretId: NAME });
      const before = structuredClone(rules.held.get(NAME));
      const asked = [() => store.put(web, id, aKey()), () => store.remove(web, id), () => store.find(web)];
      for (const ask of [...asked, () => store.makeCurrent(web, id, undefined), () => store.reveal(web, id)]) {
        expect(await failureOf(ask())).toMatchObject({ code: 'SECRET_NOT_OURS', effect: 'none' });
      }
      expect(rules.held.get(NAME)).toEqual(before);
      expect((await store.list()).secrets).toEqual([]);
    }
    const written = calls.filter(({ action }) => WRITES.has(action) && action !== 'CreateSecret');
    expect(written).toEqual([]); // CreateSecret changes nothing that is there
    expect(calls.every(({ input }) => input.SecretString === undefined)).toBe(true);
  });

  it('does not get into the list of ours, though AWS’s filters match by prefix', async () => {
    const { store, open } = await start();
    const identity: Identity = { ...web, name: 'ours' };
    await kept(store, identity);
    await kept(open({ deployment: 'here-too' }), web);
    await kept(open({ namePrefix: 'elsewhere/' }), web);
    expect((await store.list()).secrets.map((secret) => secret.identity)).toEqual([identity]);
  });
});

describe('labels', () => {
  it('are moved by no request that is signed after the moment that was given', async () => {
    const past = { wallMs: 0, monotonicMs: Number.NEGATIVE_INFINITY };
    const { store } = await start();
    const [first, second] = [await kept(store, web), await kept(store, web)];
    await store.makeCurrent(web, first.id, currentOf(await store.find(web)));
    for (const late of [
      () => store.makeCurrent(web, second.id, first.id, past),
      () => store.markPending(web, second.id, past),
    ])
      expect(await failureOf(late())).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'none' });
    expect(currentOf(await store.find(web))).toBe(first.id);
  });
});

describe('labels that others moved', () => {
  it('go together with a version that is removed, even AWSPENDING, beside which RotateSecret would not start', async () => {
    const { store, rules } = await start();
    const [first, second] = [await kept(store, web), await kept(store, web)];
    await store.markPending(web, second.id);
    rules.act('UpdateSecretVersionStage', { SecretId: NAME, VersionStage: 'AWSPENDING', MoveToVersionId: second.id });
    await store.remove(web, second.id);
    const stages = [...rules.held.get(NAME)!.versions].map(([id, version]) => [id, [...version.stages]]);
    expect(stages).toEqual([
      [first.id, [`keyvend-${first.id}`, 'AWSCURRENT']],
      [second.id, []],
    ]);
  });

  it('do not make a version of ours count as removed, nor one of theirs as ours', async () => {
    const { store, rules } = await start();
    const { id, key } = await kept(store, web);
    for (const text of ['theirs', 'theirs again']) {
      rules.act('PutSecretValue', { SecretId: NAME, ClientRequestToken: anId(), SecretString: text });
    }
    const found = await store.find(web);
    expect(found?.versions).toEqual([{ id, current: false, pending: false }]);
    expect(await store.reveal(web)).toBeUndefined();
    expect(await textOf(store.reveal(web, id))).toBe(key.reveal());
    expect(await store.makeCurrent(web, id, undefined)).toBe(true);
    expect(await textOf(store.reveal(web))).toBe(key.reveal());
  });
});
