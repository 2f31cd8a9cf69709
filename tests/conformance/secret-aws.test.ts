import {
  DescribeSecretCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, it } from 'vitest';
import type { Identity } from '../../lib/identity.ts';
import { Secret } from '../../lib/secret.ts';
import { nameOf, PREFIX } from '../../lib/secrets/secrets-manager/aws-name.ts';
import { stores } from '../../lib/secrets/store-table.ts';
import { ownSecretOf } from '../../lib/vending/own-secret.ts';
import { awsOnStandIn, region } from './secret-aws-local.ts';
import { accessKeyId, refusal, secretAccessKey } from './secret-aws-stand-in.ts';
import { aKey, anId, keptAsCurrent, type StartStore, textOf, web } from './secret-harness.ts';
import { cursorPromises } from './secret-list.ts';
import { secretStoreContract } from './secret-store-contract.ts';
import { type StartWithTraits, traitPromises } from './secret-traits.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

describe('the secret store in AWS Secrets Manager, against a stand-in', () => {
  const start: StartStore = async () => {
    const { store, open, down, stop } = await awsOnStandIn();
    cleanUp.push(stop);
    return { store, other: open(), stranger: open({ deployment: 'there' }), down };
  };
  secretStoreContract(start, { canBeDown: true, ...stores['secrets-manager'] });
  cursorPromises(start);
});

/** A key's ARN, and what else it goes by. */
const keyArn = (id: string) => `arn:aws:kms:${region}:123456789012:key/${id}`;
const [usual, one, another] = ['1111', '2222', '3333'].map((end) => `1234abcd-12ab-34cd-56ef-12345678${end}`);

/** What the official client shows of a secret. */
const startWithTraits: StartWithTraits = async () => {
  const { store, open, down, stop, standIn, clock } = await awsOnStandIn();
  for (const id of [usual, one, another]) standIn.rules.kmsKeys.add(id!).add(keyArn(id!));
  cleanUp.push(stop);
  const credentials = { accessKeyId, secretAccessKey };
  return {
    ...{ store, other: open(), stranger: open({ deployment: 'there' }), down },
    async shown(identity) {
      // The stand-in's clock stands. One client for each look: it takes the time from the first answer's date.
      const systemClockOffset = clock.wallMs() - Date.now();
      const client = new SecretsManagerClient({ region, endpoint: standIn.endpoint, credentials, systemClockOffset });
      try {
        const look = new DescribeSecretCommand({ SecretId: nameOf(PREFIX, identity) });
        const { Tags = [], KmsKeyId: key } = await client.send(look);
        return { tags: Object.fromEntries(Tags.map(({ Key, Value }) => [String(Key), String(Value)])), key };
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return undefined;
        throw error;
      } finally {
        client.destroy();
      }
    },
  };
};

describe('tags and keys in AWS Secrets Manager, as the official client shows them', () => {
  const keys = { one: one!, another: another!, unknown: 'alias/nobodys', change: true };
  traitPromises(startWithTraits, { ...keys, usual: undefined });

  it("are the deployment's own key where none is asked for", async () => {
    const { open, standIn, stop } = await awsOnStandIn();
    cleanUp.push(stop);
    const store = open({ kmsKeyId: keyArn(usual!) });
    const keyOf = () => standIn.rules.held.get(nameOf(PREFIX, web))!.kmsKeyId;
    await store.prepare(web, 0, { secretKey: one! });
    await store.remove(web, anId());
    await store.prepare(web);
    expect(keyOf()).toBe(keyArn(usual!));
  });

  it('need no call more where the secret has them, by whichever of its words the key is named', async () => {
    const { store, standIn, stop } = await awsOnStandIn();
    cleanUp.push(stop);
    await store.prepare(web, 0, { secretTags: { team: 'web' }, secretKey: keyArn(one!) });
    await keptAsCurrent(store, web);
    for (const secretKey of [keyArn(one!), one!])
      await store.prepare(web, 0, { secretTags: { team: 'web' }, secretKey });
    const actions = standIn.calls.map(({ action }) => action);
    expect(actions.filter((action) => action === 'TagResource' || action === 'UpdateSecret')).toEqual([]);
  });
});

describe('a secret with as many labelled versions as AWS permits', () => {
  it('takes one more for each that moves to a secret of its own, and every key can be read', async () => {
    const { store, stop } = await awsOnStandIn();
    cleanUp.push(stop);
    const places = new Map<string, { readonly place: Identity; readonly text: string }>();
    let current: string | undefined;
    for (let i = 0; i < 40; i += 1) {
      const [id, key] = [anId(), aKey()];
      await store.put(web, id, key);
      await store.markPending(web, id);
      expect(await store.makeCurrent(web, id, current)).toBe(true);
      current = id;
      places.set(id, { place: web, text: key.reveal() });
      const shared = [...places].filter(([, { place }]) => place === web);
      if (shared.length < 17) continue;
      const [oldest, { text }] = shared[0]!;
      const place = ownSecretOf(web, oldest);
      await store.put(place, oldest, new Secret(text));
      await store.remove(web, oldest);
      places.set(oldest, { place, text });
    }
    for (const [id, { place, text }] of places) expect(await textOf(store.reveal(place, id))).toBe(text);
    expect((await store.find(web))!.versions).toHaveLength(16);
  });
});

describe('the secret store in AWS Secrets Manager, put to by a process that may not read keys', () => {
  const start: StartStore = async () => {
    const { open, down, stop } = await awsOnStandIn();
    cleanUp.push(stop);
    const [store, other] = [open({ readsKeys: false }), open({ readsKeys: false })];
    return { store, other, stranger: open({ deployment: 'there', readsKeys: false }), down };
  };
  secretStoreContract(start, { canBeDown: true, ...stores['secrets-manager'] });

  it('asks for no key when it puts one again whose answer was lost', async () => {
    const { open, standIn, stop } = await awsOnStandIn();
    cleanUp.push(stop);
    const store = open({ readsKeys: false });
    const [id, key] = [anId(), aKey()];
    await store.prepare(web);
    standIn.faults.push({ action: 'PutSecretValue', after: true, answer: refusal('InternalServiceError', 500) });
    await store.put(web, id, key);
    await store.put(web, id, key);
    expect(standIn.calls.filter(({ action }) => action === 'PutSecretValue')).toHaveLength(3);
    expect(standIn.calls.map(({ action }) => action)).not.toContain('GetSecretValue');
    expect(await textOf(store.reveal(web, id))).toBe(key.reveal());
  });
});

describe('a key that was removed', () => {
  const stages = ({ standIn }: Awaited<ReturnType<typeof awsOnStandIn>>) =>
    Object.fromEntries(
      [...[...standIn.rules.held.values()][0]!.versions].map(([id, version]) => [id, [...version.stages]]),
    );

  it('has no label of AWS any more once another one counts, even where that was cut short', async () => {
    for (const isCut of [false, true]) {
      const here = await awsOnStandIn();
      cleanUp.push(here.stop);
      const { store, standIn } = here;
      const [failed, good] = [anId(), anId()];
      await store.put(web, failed, aKey());
      await store.put(web, good, aKey());
      await store.remove(web, failed);
      expect(stages(here)[failed]).toEqual(['AWSCURRENT']);
      if (isCut) {
        const cut = { action: 'UpdateSecretVersionStage', after: true, answer: refusal('AccessDeniedException') };
        standIn.faults.push(cut);
        await store.makeCurrent(web, good, undefined).catch(() => {});
      }
      expect(await store.makeCurrent(web, good, undefined)).toBe(true);
      expect(stages(here)[failed] ?? []).toEqual([]);
      expect(stages(here)[good]).toContain('AWSCURRENT');
    }
  });
});

describe('a deletion that arrives late', () => {
  /** As a first try of DeleteSecret that was on its way for minutes. */
  async function deletedMeanwhile() {
    const here = await awsOnStandIn();
    cleanUp.push(here.stop);
    const { store, standIn } = here;
    const [first, counts, key] = [anId(), anId(), aKey()];
    await store.put(web, first, aKey());
    await store.remove(web, first);
    const { input } = standIn.calls.find(({ action }) => action === 'DeleteSecret')!;
    await store.put(web, counts, key);
    standIn.rules.act('DeleteSecret', input);
    expect(await store.find(web)).toBeUndefined();
    return { ...here, counts, key };
  }

  it('takes what was stored meanwhile, which can be brought back', async () => {
    const { store, counts, key } = await deletedMeanwhile();
    await store.restoreSecret(web);
    expect(await textOf(store.reveal(web, counts))).toBe(key.reveal());
  });

  it('is seen by whoever removes another version there', async () => {
    const { store, counts, key } = await deletedMeanwhile();
    await store.remove(web, anId());
    expect(await textOf(store.reveal(web, counts))).toBe(key.reveal());
  });

  it('does not keep what is to be removed', async () => {
    const { store, standIn, counts } = await deletedMeanwhile();
    await store.remove(web, counts);
    expect(await store.find(web)).toBeUndefined();
    const restores = () => standIn.calls.filter(({ action }) => action === 'RestoreSecret').length;
    const before = restores();
    await store.restoreSecret(web);
    expect(restores()).toBe(before);
    expect(await store.find(web)).toBeUndefined();
  });
});

describe('a secret in which more keys were stored within a day than AWS keeps', () => {
  it('is told before there is a pair, with the time until it takes one more; and then it does', async () => {
    const { store, clock, stop } = await awsOnStandIn();
    cleanUp.push(stop);
    const failing = async () => {
      const id = anId();
      await store.prepare(web);
      await store.put(web, id, aKey());
      await store.remove(web, id);
      clock.advance(60_000);
    };
    for (let i = 0; i < 100; i += 1) await failing();
    const full = await store.prepare(web).catch((error: unknown) => error);
    expect(full).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'none' });
    const { retryAfterMs } = full as { retryAfterMs: number };
    expect(retryAfterMs).toBeGreaterThan(22 * 60 * 60_000);
    clock.advance(retryAfterMs - 1_000);
    await expect(store.prepare(web)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    clock.advance(2_000);
    await failing();
  });
});

describe('a secret that was made a moment ago', () => {
  const denied = { action: 'PutSecretValue', answer: refusal('AccessDeniedException') };

  it('is filled as soon as AWS lets it be, where rights by tag come a little later', async () => {
    for (const times of [1, 3]) {
      const { store, standIn, stop } = await awsOnStandIn();
      cleanUp.push(stop);
      const [id, key] = [anId(), aKey()];
      await store.prepare(web);
      for (let i = 0; i < times; i += 1) standIn.faults.push({ ...denied });
      await store.put(web, id, key);
      expect(await textOf(store.reveal(web, id))).toBe(key.reveal());
    }
  });

  it('that cannot be filled yet is no refusal for good, and one that was there before is', async () => {
    const { store, standIn, stop } = await awsOnStandIn();
    cleanUp.push(stop);
    const never = () => standIn.faults.push(...Array.from({ length: 9 }, () => ({ ...denied })));
    await store.prepare(web);
    never();
    await expect(store.put(web, anId(), aKey())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'none' });
    standIn.faults.length = 0;
    await store.prepare(web);
    never();
    await expect(store.put(web, anId(), aKey())).rejects.toMatchObject({ code: 'STORE_REFUSED' });
  });
});
