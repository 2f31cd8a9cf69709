// The rights of the packaged functions, by a simulator of IAM: all that they call is allowed, nothing else is, and there is no right that nothing
// needs. It shows what the policies say by IAM's rules; that AWS fills in the condition keys as its pages say, only an account can show.
import { readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Packaged, packaged } from '../deploy/packaged.ts';
import { denied } from './denied.ts';
import { deployed, whole } from './deployed.ts';
import { type Looked, lookedAt, nameOf, rightsOf, usedByOthers } from './looked-at.ts';
import { decided } from './simulated.ts';
import { rightsTable } from './table.ts';

const example: Packaged = await packaged(...whole);
afterAll(() => rmSync(example.folder, { recursive: true, force: true }));
const stack = deployed(example);
const names = stack.functions.map(({ name }) => name);

describe('the rights of the functions', () => {
  let looked: Looked;
  beforeAll(async () => {
    looked = await lookedAt(example);
  }, 120_000);

  it('are looked at in what each function does', () => {
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) expect([...looked.used.get(name)!], name).not.toEqual([]);
  });

  it('allow every call', () => {
    expect(looked.denied).toEqual([]);
  });

  it.each(names)('of %s are needed, each of them', (name) => {
    const its = rightsOf(stack.functions.find((one) => one.name === name)!).map(nameOf);
    const used = looked.used.get(name)!;
    expect(its.filter((right) => !used.has(right) && !(right in usedByOthers))).toEqual([]);
  });

  it('are what the docs show', () => {
    const page = readFileSync(new URL('../../docs/rights.md', import.meta.url), 'utf8');
    expect(page).toContain(rightsTable(looked));
  });
});

describe('a function', () => {
  it.each(denied(stack).map((one) => [one.what, one] as const))(
    '%s only where it is said that it may',
    async (_, { asked, except }) => {
      const allowed: string[] = [];
      for (const one of stack.functions)
        if ((await decided(one, asked(one.name), stack)).allowed) allowed.push(one.name);
      expect(allowed).toEqual(names.filter((name) => except?.test(name)));
    },
  );
});
