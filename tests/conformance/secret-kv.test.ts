import { afterEach, describe, expect, it } from 'vitest';
import type { StartStore } from './secret-harness.ts';
import { kvOnStandIn } from './secret-kv-harness.ts';
import { cursorPromises } from './secret-list.ts';
import { secretStoreContract } from './secret-store-contract.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

describe.each([
  ['OpenBao, whose listings have pages', { pages: true }],
  ['Vault, whose listings have none', { pages: false }],
  ['a mount that asks for check-and-set and keeps one version', { casRequired: true, maxVersions: 1 }],
])('the secret store in KV version 2, against a stand-in of %s', (_, config) => {
  const start: StartStore = async () => {
    const { store, open, engine, stop } = await kvOnStandIn();
    Object.assign(engine.config, config);
    cleanUp.push(stop);
    return { store, other: open(), stranger: open({ deployment: 'there' }), down: stop };
  };
  secretStoreContract(start, { canBeDown: true });
  cursorPromises(start);
});

describe.each([true, false])('a folder that is listed (the server knows pages: %s)', (pages) => {
  it.each([0, 1, 199, 200, 201, 400, 450])('shows each of its %i names once, in their order', async (count) => {
    const { engine, calls, stop } = await kvOnStandIn();
    cleanUp.push(stop);
    engine.config.pages = pages;
    const names = Array.from({ length: count }, (_, i) => `n${i * 7}`);
    for (const name of names) engine.write(`keyvend/many/${name}/state`, { data: {} });
    const folders = names.map((name) => `${name}/`).sort();
    expect(await calls().list('keyvend/many', '')).toEqual(folders);
    const middle = folders[Math.floor(count / 2)] ?? '';
    expect(await calls().list('keyvend/many', middle)).toEqual(folders.filter((name) => name > middle));
  });
});
