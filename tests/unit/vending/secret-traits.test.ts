// Tags and a key of a secret, as a request asks for them: what is part of the request, and which secrets get them.
import { describe, expect, it } from 'vitest';
import { deadlineIn } from '../../../lib/clock.ts';
import { identityKey } from '../../../lib/identity.ts';
import { sha256Hex } from '../../../lib/sha256.ts';
import { ownSecretOf } from '../../../lib/vending/own-secret.ts';
import { requestHash } from '../../../lib/vending/request-hash.ts';
import { advance } from '../../../lib/vending/rotation/advance.ts';
import { vend } from '../../../lib/vending/vend.ts';
import type { VendCommand } from '../../../lib/vending/vend-command.ts';
import { rotated } from './rotation/world.ts';
import { world } from './world.ts';

const secretTags = { team: 'web', 'cost-center': '4711' };

describe('what makes a request the same', () => {
  it('is what it was before there were tags and keys of secrets, where it has none', () => {
    const tags = { b: '2', a: '1' };
    const canonical = [[...Object.entries(tags)].sort(), 'rg-1', null];
    expect(requestHash({ tags, resourceGroupId: 'rg-1' })).toBe(sha256Hex(JSON.stringify(canonical)));
    expect(requestHash({ tags, resourceGroupId: 'rg-1' }, 'web')).toBe(
      sha256Hex(JSON.stringify([...canonical, 'web'])),
    );
    expect(requestHash({ secretTags: {} })).toBe(requestHash({}));
  });

  it('are the tags in any order, and the key', () => {
    const backwards = Object.fromEntries(Object.entries(secretTags).reverse());
    expect(requestHash({ secretTags, secretKey: 'k' })).toBe(requestHash({ secretKey: 'k', secretTags: backwards }));
    const others = [
      ...[{}, { secretTags }, { secretKey: 'k' }, { secretTags, secretKey: 'k' }, { tags: secretTags }],
      ...[{ secretTags: { team: 'web' } }, { secretKey: 'other' }],
    ];
    expect(new Set(others.map((one) => requestHash(one))).size).toBe(others.length);
    expect(requestHash({ secretKey: 'web' })).not.toBe(requestHash({}, 'web'));
  });
});

describe('a key pair that is vended with tags and a key for its secret', () => {
  async function vended(asked: Partial<VendCommand>) {
    const all = world('ens');
    all.storeLimits.traits = new Map();
    const ask = (more: Partial<VendCommand> = asked) => {
      const deadline = deadlineIn(all.clock, 60_000);
      return vend(all.worker(), { identity: all.identity, request: {}, caller: 'test', deadline, ...more });
    };
    const first = await ask();
    const { record } = (await all.ledger.read(all.identity))!;
    return { ...all, ask, first, record, traits: all.storeLimits.traits.get(identityKey(all.identity)) };
  }

  it('has them on its secret and on record, and is made at a cloud that knows neither', async () => {
    const request = { secretTags, secretKey: 'alias/team-web' };
    const { traits, record, first } = await vended({ request, usualSecretKey: 'alias/usual' });
    expect(traits).toEqual(request);
    expect(record.request).toEqual(request);
    expect(first.created).toBe(true);
  });

  it('gets the key of the grant where it names none, and stays the same request when that changes', async () => {
    const { traits, record, ask, first } = await vended({ usualSecretKey: 'alias/usual' });
    expect(traits).toMatchObject({ secretKey: 'alias/usual' });
    expect(record.request).toEqual({ secretKey: 'alias/usual' });
    expect(await ask({ usualSecretKey: 'alias/changed' })).toEqual({ ...first, created: false });
    expect(await ask({})).toEqual({ ...first, created: false });
    await expect(ask({ request: { secretKey: 'alias/usual' } })).rejects.toMatchObject({ code: 'DIFFERENT_REQUEST' });
    await expect(ask({ request: { secretTags } })).rejects.toMatchObject({ code: 'DIFFERENT_REQUEST' });
  });

  it('is rotated with them, and keeps its answer', async () => {
    const here = await rotated('ecs', undefined, {}, { request: { secretTags }, usualSecretKey: 'alias/usual' });
    const { traits } = here.storeLimits;
    const given = { secretTags, secretKey: 'alias/usual' };
    traits!.clear();
    await here.rotate();
    await here.days(9);
    expect((await here.recordOf()).versions).toMatchObject([{ replaces: expect.any(String) }]);
    expect(traits!.get(identityKey(here.identity))).toEqual(given);
    expect((await here.recordOf()).request).toEqual(given);
    expect((await here.vend()).created).toBe(false);
  });

  it('whose key moves to a secret of its own has them there as well', async () => {
    const here = await rotated('ecs', undefined, {}, { request: { secretTags }, usualSecretKey: 'alias/usual' });
    here.storeLimits.most = 3;
    const { rotation, ...ports } = here.worker();
    const few = { ...ports, rotation: { ...rotation, defaults: { ...rotation.defaults, mostVersions: 3 } } };
    const [first] = (await here.recordOf()).versions;
    for (const instance of ['i-1', 'i-2', 'i-3']) {
      await here.attach(instance);
      await here.rotate();
      await here.days(9, few);
    }
    await advance(few, here.identity, here.soon(), (error) => void here.failures.push(error));
    const own = ownSecretOf(here.identity, first!.id);
    expect((await here.store.find(own))?.versions).toHaveLength(1);
    expect(here.storeLimits.traits!.get(identityKey(own))).toEqual({ secretTags, secretKey: 'alias/usual' });
  });
});
