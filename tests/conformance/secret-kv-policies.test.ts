import { afterEach, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../lib/clock.ts';
import { revealToReader } from '../../lib/secrets/kv/kv-reader.ts';
import { permits, ruleFor, rulesOf } from '../../local/kv/policy.ts';
import { called, failureOf, kept, keptAsCurrent, type StartStore, textOf, web } from './secret-harness.ts';
import { kvOnStandIn, policyFile } from './secret-kv-harness.ts';
import { cursorPromises } from './secret-list.ts';
import { secretStoreContract } from './secret-store-contract.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

describe('the policy for keyvend', () => {
  const rules = rulesOf(policyFile('kv-keyvend'));
  /** `rule capability` of whatever was called. */
  const used = new Set<string>();
  const begin = async () => {
    const here = await kvOnStandIn();
    cleanUp.push(() => {
      for (const { path, capability } of here.standIn.calls)
        if (capability !== undefined) used.add(`${ruleFor(rules, path)?.path} ${capability}`);
      return here.stop();
    });
    return here;
  };

  describe('is enough', () => {
    const start: StartStore = async () => {
      const { store, open, stop } = await begin();
      return { store, other: open(), stranger: open({ deployment: 'there' }), down: stop };
    };
    secretStoreContract(start, { canBeDown: false });
    cursorPromises(start);

    it('for what is destroyed, and for a token that is looked at and renewed', async () => {
      const { store, clock, standIn, token, calls } = await begin();
      const { id } = await kept(store, web);
      await store.remove(web, id);
      clock.advance(31 * DAY_MS);
      await store.prepare(web);
      expect(await calls().read('keyvend-upstream/ecs/default')).toEqual({ version: 0 });
      for (const [path, method] of [
        ['lookup-self', 'GET'],
        ['renew-self', 'POST'],
      ] as const) {
        const headers = { 'x-vault-token': token, 'content-type': 'application/json' };
        const { status } = await fetch(`${standIn.origin}/v1/auth/token/${path}`, { method, headers });
        expect(status).toBe(200);
      }
    });
  });

  it('has no right that nothing needs', () => {
    const given = rules.flatMap(({ path, capabilities }) => [...capabilities].map((one) => `${path} ${one}`));
    expect([...used].sort()).toEqual(given.sort());
  });

  it('permits nothing outside of the folder, and no metadata to be deleted', () => {
    for (const path of ['secret/data/other/x', 'secret/data/keyvend', 'sys/mounts', 'secret/undelete/keyvend/a'])
      for (const capability of ['create', 'read', 'update', 'delete', 'list'] as const)
        expect(permits(rules, path, capability)).toBe(false);
    expect(permits(rules, 'secret/metadata/keyvend/ecs/default/cn-hangzhou/web/state', 'delete')).toBe(false);
    expect(permits(rules, 'secret/data/keyvend/ecs/default/cn-hangzhou/web/state', 'delete')).toBe(false);
  });
});

describe('the policy for readers', () => {
  it('permits the current keys of one account of a provider, and neither a version nor a state', async () => {
    const { store, calls, standIn, open, stop } = await kvOnStandIn();
    cleanUp.push(stop);
    const [{ key, id }, { id: earlier }] = [await keptAsCurrent(store, web), await kept(store, web)];
    const foreign = called('web', { provider: 'cvm', region: 'ap-tokyo' });
    await keptAsCurrent(store, foreign);
    const kv = calls({ token: standIn.auth.issue(['kv-reader', 'default']) });
    expect(await textOf(revealToReader(kv, 'keyvend', web))).toBe(key.reveal());
    for (const refused of [
      () => revealToReader(kv, 'keyvend', foreign),
      () => revealToReader(kv, 'keyvend', web, id),
      () => revealToReader(kv, 'keyvend', web, earlier),
      () => open({ kv }).find(web),
      () => open({ kv }).remove(web, id),
      () => open({ kv }).list(),
    ])
      expect(await failureOf(refused())).toMatchObject({ code: 'STORE_REFUSED' });
    await store.remove(web, id);
    expect(await revealToReader(kv, 'keyvend', web)).toBeUndefined();
    expect(await revealToReader(kv, 'keyvend', called('never-vended'))).toBeUndefined();
  });
});

describe('the part of HCL that policies are read in', () => {
  it('refuses what it does not know, instead of leaving it out', () => {
    for (const text of [
      'path "a" { policy = "write" }',
      'path "a" { capabilities = ["write"] }',
      'path "a" { capabilities = ["read"] allowed_parameters = {} }',
      'rule "a" {}',
      '/* a */ path "a" { capabilities = ["read"] }',
    ])
      expect(() => rulesOf(text)).toThrow(TypeError);
  });

  it('has the closest rule decide', () => {
    const rules = rulesOf(`
      path "secret/data/*" { capabilities = ["read"] }
      path "secret/data/+/own" { capabilities = ["update"] }
      path "secret/data/team/own" { capabilities = ["deny"] }
    `);
    expect(permits(rules, 'secret/data/a/b', 'read')).toBe(true);
    expect([permits(rules, 'secret/data/a/own', 'read'), permits(rules, 'secret/data/a/own', 'update')]).toEqual([
      false,
      true,
    ]);
    expect(permits(rules, 'secret/data/team/own', 'update')).toBe(false);
  });
});
