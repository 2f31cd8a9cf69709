// The store in Alibaba KMS, with either answer to every question that KMS's pages leave open.
import Kms from '@alicloud/kms20160120';
import { afterEach, describe, expect, it } from 'vitest';
import { nameOf, PREFIX } from '../../lib/secrets/kms/kms-name.ts';
import { stores } from '../../lib/secrets/store-table.ts';
import type { Behaviour } from '../../local/clouds/settings/behaviour.ts';
import { kmsClient } from '../clouds/support/kms.ts';
import { called, type StartStore } from './secret-harness.ts';
import { kmsOnStandIn } from './secret-kms-harness.ts';
import { cursorPromises } from './secret-list.ts';
import { secretStoreContract } from './secret-store-contract.ts';
import { type StartWithTraits, traitPromises } from './secret-traits.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

const readings: readonly (readonly [string, Partial<Behaviour>])[] = [
  ['as it most likely is', {}],
  ['that spares versions with a stage', { 'kms.dropped': 'earliest-without-stage' }],
  ['that moves a stage whoever has it', { 'kms.removeFrom': 'ignored' }],
  ['that moves stages with a repeated put', { 'kms.putAgain': 'moves-stages' }],
  ['that reads values in the query alone', { 'kms.secretData': 'query' }],
  ['that permits few characters in a stage', { 'kms.stageNames': 'narrow' }],
  ['that refuses a move that was made already', { 'kms.removeFrom': 'checked-even-there' }],
  ['that refuses a stale move as an invalid parameter', { 'kms.staleMove': 'InvalidParameter' }],
  ['that refuses a stale move as unsupported', { 'kms.staleMove': 'Rejected.UnsupportedOperation' }],
  ['that hides values in the window', { 'kms.valuesInWindow': 'Forbidden.ResourceNotFound' }],
  ['that hides versions in the window', { 'kms.versionsInWindow': 'Forbidden.ResourceNotFound' }],
  ['that lists the newest first', { 'kms.listed': 'newest-first' }],
];

describe.each(readings)('the secret store in a KMS %s', (_, behaviour) => {
  const start: StartStore = async () => {
    const { store, open, stop } = await kmsOnStandIn(behaviour);
    cleanUp.push(stop);
    return { store, other: open(), stranger: open({ deployment: 'there' }), down: stop };
  };
  const blindLabels = behaviour['kms.removeFrom'] === 'ignored';
  secretStoreContract(start, { canBeDown: true, mostVersions: stores.kms.mostVersions, blindLabels });
  cursorPromises(start);
});

const startWithTraits: StartWithTraits = async () => {
  const { store, open, stop, clouds } = await kmsOnStandIn();
  cleanUp.push(stop);
  clouds.admin.setLimits({ 'alibaba.signatureWindowMs': Number.MAX_SAFE_INTEGER }); // their clock stands, and the client's does not
  const client = kmsClient(clouds);
  return {
    ...{ store, other: open(), stranger: open({ deployment: 'there' }), down: stop },
    async shown(identity) {
      const request = new Kms.DescribeSecretRequest({ secretName: nameOf(PREFIX, identity), fetchTags: 'true' });
      const secret = await client.describeSecret(request).catch((error) => {
        if (error.data?.Code === 'Forbidden.ResourceNotFound') return undefined;
        throw error;
      });
      if (secret === undefined) return undefined;
      const tags = secret.tags?.tag ?? [];
      return {
        tags: Object.fromEntries(tags.map(({ tagKey, tagValue }) => [String(tagKey), String(tagValue)])),
        key: secret.encryptionKeyId || undefined,
      };
    },
  };
};

describe('tags and keys in KMS, as its own client shows them', () => {
  const keys = { one: 'key-local', another: 'key-local-second', unknown: 'key-nobodys', change: false };
  traitPromises(startWithTraits, { ...keys, usual: undefined });

  it('have room for as many tags as the table says, however long the identity is', async (context) => {
    const { store, shown } = await startWithTraits(context);
    const longest = called(`a${':'.repeat(126)}a@3f2504e0-4f89-41d3-9a0c-0305e82c3301`, {
      ...{ account: 'a'.repeat(32), region: 'r'.repeat(63) },
    });
    const secretTags = Object.fromEntries(Array.from({ length: stores.kms.mostTags }, (_, i) => [`t${i}`, 'v']));
    await store.prepare(longest, 0, { secretTags });
    expect((await shown(longest))!.tags).toMatchObject(secretTags);
  });

  it('take the alias of a key for the key, though it is shown by its id', async (context) => {
    const { store, shown } = await startWithTraits(context);
    await store.prepare(called('web'), 0, { secretKey: 'key-local' });
    await store.prepare(called('web'), 0, { secretKey: 'alias/local' });
    expect((await shown(called('web')))!.key).toBe('key-local');
  });
});
