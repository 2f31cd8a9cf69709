import { afterEach, describe, expect, it } from 'vitest';
import { DAY_MS, deadlineIn } from '../../lib/clock.ts';
import type { Transport } from '../../lib/transport/wire.ts';
import type { Answer } from '../../local/kv/kv-engine.ts';
import type { Fault } from '../../local/kv/kv-server.ts';
import { aKey, anId, expectNoKey, failureOf, idsOf, kept, keptAsCurrent, textOf, web } from './secret-harness.ts';
import { expectWhole, readable, scene } from './secret-kv-cut.ts';
import { kvOnStandIn } from './secret-kv-harness.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});
const begin = async () => {
  const here = await kvOnStandIn();
  cleanUp.push(here.stop);
  return here;
};
const isWrite: Fault['on'] = ({ method }) => method === 'POST';
const isRead: Fault['on'] = ({ method }) => method === 'GET';
const always = (fault: Fault) => [fault, fault, fault];

describe('an answer that is none', () => {
  it.each<[string, Answer | undefined, boolean]>([
    ['a dropped connection', undefined, true],
    ['an error of the server', { status: 500, body: { errors: ['internal error'] } }, true],
    ['a gateway’s page', { status: 502, body: {} }, true],
    ['a sealed server', { status: 503, body: { errors: ['Vault is sealed'] } }, true],
    ['a limit on the rate', { status: 429, body: { errors: [] } }, false],
    ['a secondary', { status: 472, body: { errors: [] } }, false],
    ['a standby', { status: 473, body: { errors: [] } }, false],
    ['a standby that lags behind', { status: 412, body: { errors: [] } }, false],
  ])('leaves it open what became of a write only where that is so: %s', async (_, answer, isUnsure) => {
    const { store, standIn } = await begin();
    await store.prepare(web);
    const [id, key] = [anId(), aKey()];
    standIn.faults.push(...always({ on: isWrite, ...(answer && { answer }) }));
    const failure = await failureOf(store.put(web, id, key));
    expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: isUnsure ? 'unknown' : 'none' });
    expectNoKey(key, failure);
    standIn.faults.push(...always({ on: isRead, ...(answer && { answer }) }));
    expect(await failureOf(store.find(web))).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'none' });
    await store.put(web, id, key);
    expect(await textOf(store.reveal(web, id))).toBe(key.reveal());
  });

  it.each([true, undefined])('is tried again, and the key is stored once (carried out before: %s)', async (after) => {
    const { store, standIn } = await begin();
    const [id, key] = [anId(), aKey()];
    for (let i = 0; i < 2; i += 1) standIn.faults.push({ on: isWrite, ...(after && { after }) });
    await store.put(web, id, key);
    standIn.faults.push({ on: isWrite, ...(after && { after }) });
    expect(await store.makeCurrent(web, id, undefined)).toBe(true);
    expect(idsOf(await store.find(web))).toEqual([id]);
    expect(await textOf(store.reveal(web))).toBe(key.reveal());
  });

  it('is one that comes from something else than the server, too', async () => {
    const { store, standIn } = await begin();
    const page = { status: 200, text: '<html>sign in</html>' };
    standIn.faults.push(...always({ on: isRead, answer: page }));
    expect(await failureOf(store.find(web))).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'none' });
  });
});

describe('a server that does not serve', () => {
  it('is one that is sealed', async () => {
    const { store, standIn } = await begin();
    await kept(store, web);
    standIn.mode = 'sealed';
    expect(await failureOf(store.find(web))).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'none' });
    expect(await failureOf(store.put(web, anId(), aKey()))).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    standIn.mode = 'active';
    expect(idsOf(await store.find(web))).toHaveLength(1);
  });

  it('is a standby that names another one: nothing is sent there, and so no token', async () => {
    const [{ store, standIn }, elsewhere] = [await begin(), await begin()];
    standIn.mode = { standbyOf: elsewhere.standIn.origin };
    const failure = await failureOf(store.put(web, anId(), aKey()));
    expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'none' });
    expect(failure.message).toContain('another server is the active one');
    expect(elsewhere.standIn.calls).toEqual([]);
  });
});

describe('a mount that is not fit for keys', () => {
  it('is refused before there is a key where it deletes by itself what is written', async () => {
    const { store, engine } = await begin();
    engine.config.deleteVersionAfterMs = DAY_MS;
    const failure = await failureOf(store.prepare(web));
    expect(failure).toMatchObject({ code: 'STORE_REFUSED' });
    expect(failure.message).toContain('delete_version_after');
  });

  it('is refused where there is none, or it is of version 1', async () => {
    const { store, standIn } = await begin();
    const none = { status: 404, body: { errors: ['no handler for route "secret/data/x"'] } };
    standIn.faults.push({ on: isRead, answer: none });
    expect(await failureOf(store.find(web))).toMatchObject({ code: 'STORE_REFUSED', effect: 'none' });
    standIn.faults.push({ on: isWrite, after: true, answer: { status: 204 } });
    const failure = await failureOf(store.prepare(web));
    expect(failure).toMatchObject({ code: 'STORE_REFUSED' });
  });

  it('is asked again later where it answers 400 and there is nothing to see that explains it', async () => {
    const { store, standIn } = await begin();
    standIn.faults.push({ on: isWrite, answer: { status: 400, body: { errors: ['any words'] } } });
    const failure = await failureOf(store.prepare(web));
    expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'none', upstreamCode: '400' });
  });

  it('is refused where a policy forbids it, and nothing is tried again', async () => {
    const { calls, open, standIn } = await begin();
    standIn.policy('nothing', 'path "secret/data/elsewhere/*" { capabilities = ["read"] }');
    standIn.policy('self', 'path "auth/token/lookup-self" { capabilities = ["read"] }');
    const store = open({ kv: calls({ token: standIn.auth.issue(['nothing', 'self']) }) });
    expect(await failureOf(store.find(web))).toMatchObject({
      code: 'STORE_REFUSED',
      upstreamCode: '403',
      effect: 'none',
    });
  });

  it('keeps a state that was deleted by hand from being written anew: what it told would be lost', async () => {
    const { store, engine } = await begin();
    const { id } = await kept(store, web);
    const [path] = [...engine.paths.keys()].filter((name) => name.endsWith('/state'));
    engine.softDelete(path!, [engine.paths.get(path!)!.current]);
    for (const call of [
      () => store.prepare(web),
      () => store.find(web),
      () => store.put(web, anId(), aKey()),
      () => store.remove(web, id),
    ])
      expect(await failureOf(call())).toMatchObject({ code: 'STORE_REFUSED', effect: 'none' });
  });

  it('leaves alone what somebody else keeps where a state would be', async () => {
    const { store, engine } = await begin();
    engine.write('keyvend/ecs/default/cn-hangzhou/web/state', { data: { mine: 'yes' } });
    for (const call of [
      () => store.prepare(web),
      () => store.put(web, anId(), aKey()),
      () => store.remove(web, anId()),
    ])
      expect(await failureOf(call())).toMatchObject({ code: 'SECRET_NOT_OURS', effect: 'none' });
  });
});

describe('a standby that answers reads by itself', () => {
  it('is told how far the server was with the last write, and has the active one answer where it is behind', async () => {
    const { transport, calls, open } = await begin();
    const told: (string | undefined)[] = [];
    let written = 0;
    const behind: Transport = {
      close() {},
      async send(request, call) {
        const headers = request.sign(0);
        if (request.method === 'GET') told.push(headers['x-vault-index']);
        expect(headers['x-vault-inconsistent']).toBe(headers['x-vault-index'] && 'forward-active-node');
        const answer = await transport.send(request, call);
        if (request.method === 'GET') return answer;
        written += 1;
        return { ...answer, headers: { ...answer.headers, 'x-vault-index': `at-${written}` } };
      },
    };
    const store = open({ kv: calls({ transport: behind }) });
    await store.find(web);
    await store.prepare(web);
    await store.find(web);
    expect(told).toEqual([undefined, undefined, 'at-1']);
  });
});

describe('a moment after which nothing is to be sent', () => {
  it('holds for every request of a put', async () => {
    const { store, clock, standIn } = await begin();
    await store.prepare(web);
    const before = standIn.calls.length;
    const until = deadlineIn(clock, 1_000);
    clock.advance(1_001);
    expect(await failureOf(store.put(web, anId(), aKey(), until))).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      effect: 'none',
    });
    expect(standIn.calls).toHaveLength(before);
  });
});

describe('a key that was removed', () => {
  const pathOf = (id: string) => `keyvend/ecs/default/cn-hangzhou/web/versions/${id}`;

  it('can be undeleted for thirty days, and is destroyed when its secret is written after that', async () => {
    const { store, engine, clock } = await begin();
    const [{ id, key }, { id: other }] = [await kept(store, web), await keptAsCurrent(store, web)];
    await store.remove(web, id);
    const numbers = () => [...engine.paths.get(pathOf(id))!.versions.keys()];
    expect(readable(engine, key)).toEqual([]);
    engine.undelete(pathOf(id), numbers());
    expect(readable(engine, key)).toEqual([pathOf(id)]);
    engine.softDelete(pathOf(id), numbers().slice(0, -1));
    clock.advance(29 * DAY_MS);
    await store.prepare(web);
    engine.undelete(pathOf(id), numbers());
    expect(readable(engine, key)).toEqual([pathOf(id)]);
    clock.advance(DAY_MS);
    await store.prepare(web);
    engine.undelete(pathOf(id), numbers());
    expect(readable(engine, key)).toEqual([]);
    expect(idsOf(await store.find(web))).toEqual([other]);
    const states = engine.read('keyvend/ecs/default/cn-hangzhou/web/state');
    expect(JSON.stringify(states)).not.toContain(id);
    // The stone stays: another key is refused under its id for good.
    expect(await failureOf(store.put(web, id, aKey()))).toMatchObject({ code: 'VERSION_TAKEN' });
  });

  it('gets its stone when it is destroyed, where its removal was cut short before that', async () => {
    const { store, engine, clock, standIn } = await begin();
    const [{ id, key }] = [await kept(store, web), await keptAsCurrent(store, web)];
    standIn.faults.push(...always({ on: (call) => isWrite(call) && call.path.includes('/versions/') }));
    expect(await failureOf(store.remove(web, id))).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'unknown' });
    expect(readable(engine, key)).toEqual([pathOf(id)]);
    clock.advance(30 * DAY_MS);
    await store.prepare(web);
    expect(readable(engine, key)).toEqual([]);
    expect(await failureOf(store.put(web, id, aKey()))).toMatchObject({ code: 'VERSION_TAKEN' });
  });

  it('is stored again by nobody whose request to store it was on its way all the time', async () => {
    const here = await scene();
    cleanUp.push(here.stop);
    const { standIn, store, fresh } = here;
    let arrive = (): void => {};
    const until = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    standIn.faults.push({ on: (call) => isWrite(call) && call.path.endsWith(fresh.id), until });
    const sent = store.put(web, fresh.id, fresh.key);
    while (standIn.held() === 0) await new Promise((resolve) => setImmediate(resolve));
    await here.open().remove(web, fresh.id);
    here.clock.advance(5 * 60 * 60_000);
    arrive();
    expect(await failureOf(sent)).toMatchObject({ code: 'STORE_REFUSED' });
    await expectWhole(here, [here.current, here.other, here.gone, fresh], [here.current, here.other]);
  });
});

describe('the readers’ copy', () => {
  it('keeps no key from being stored, where it cannot be mended now', async () => {
    const { store, standIn } = await begin();
    const [first, second] = [await keptAsCurrent(store, web), await kept(store, web)];
    for (let i = 0; i < 2; i += 1)
      standIn.faults.push(...always({ on: (call) => isWrite(call) && call.path.endsWith('/current') }));
    await failureOf(store.makeCurrent(web, second.id, first.id));
    const third = await kept(store, web);
    expect(await textOf(store.reveal(web, third.id))).toBe(third.key.reveal());
  });

  it('is mended by whoever looks, where a process died between state and copy', async () => {
    const { store, standIn, calls, engine } = await begin();
    const [first, second] = [await keptAsCurrent(store, web), await kept(store, web)];
    standIn.faults.push(...always({ on: (call) => isWrite(call) && call.path.endsWith('/current') }));
    expect(await failureOf(store.makeCurrent(web, second.id, first.id))).toMatchObject({ effect: 'unknown' });
    const path = 'keyvend/ecs/default/cn-hangzhou/web/current';
    const copy = async () => (await calls().read(path)).data?.private_key;
    expect(await copy()).toBe(first.key.reveal());
    await store.find(web);
    expect(await copy()).toBe(second.key.reveal());
    expect(readable(engine, first.key)).not.toContain(path);
  });

  it('is left to the next one by whoever looks and may not write', async () => {
    const { store, standIn, open, calls } = await begin();
    const [first, second] = [await keptAsCurrent(store, web), await kept(store, web)];
    standIn.faults.push(...always({ on: (call) => isWrite(call) && call.path.endsWith('/current') }));
    await failureOf(store.makeCurrent(web, second.id, first.id));
    standIn.policy('looks', 'path "secret/data/keyvend/*" { capabilities = ["read"] }');
    const looking = open({ kv: calls({ token: standIn.auth.issue(['looks', 'kv-reader']) }) });
    expect((await looking.find(web))?.versions.find(({ current }) => current)?.id).toBe(second.id);
  });
});
