// What the simulation says of the code as it is: every fault at every step, some thousands of random runs, and the two
// windows that cannot be closed. `npm run simulate` does more of it.
import { describe, expect, it } from 'vitest';
import { adoptedRun } from './adopted.ts';
import { caseOf, runCase } from './cases.ts';
import { families, runAll } from './exhaustive.ts';
import { movedRun } from './moved.ts';
import { neighbourRun } from './neighbours.ts';
import { randomRun } from './random-run.ts';
import { reachable } from './reached.ts';
import { restoredRun } from './restored.ts';
import { rotationCase, rotationCases, runRotation } from './rotation/cases.ts';
import { randomRotation } from './rotation/random-run.ts';
import type { Kind, Run } from './run.ts';
import { Tally } from './tally.ts';

/** Says how to see a run again that broke a promise. */
function expectGood({ broken }: Tally): void {
  expect(
    broken && [`npm run simulate -- ${broken.again}`, ...broken.violations, ...broken.trace].join('\n'),
  ).toBeUndefined();
}

async function runs(count: number, kind: Kind = {}): Promise<Tally> {
  const tally = new Tally();
  for (let seed = 1; seed <= count; seed += 1) if (!tally.add(await randomRun(seed, kind), kind.windows)) break;
  return tally;
}

describe('the promises', { timeout: 300_000 }, () => {
  it.each(Object.entries(families))('hold in every case of "%s"', async (_name, { cases, every }) => {
    const tally = new Tally();
    const counted = await runAll(cases(), every, (run) => tally.add(run), runCase);
    expectGood(tally);
    expect(counted.run).toBe(Math.floor(counted.all / every));
    expect(counted.run).toBeGreaterThan(2_000);
    expect(tally.acknowledged).toBeGreaterThan(counted.run / 20); // who died with an open attempt keeps its name busy for a while
  });

  it('hold through 4,000 random runs, none of which gets into a window', async () => {
    const tally = await runs(4_000);
    expectGood(tally);
    expect(tally.windows).toEqual({ 'same name': 0, replaced: 0 });
    expect(tally.acknowledged).toBeGreaterThan(2_000);
  });
});

/** Of stores that are not like AWS's: what such runs have to be seen to get to. */
async function elsewhere(count: number, run: (seed: number) => Promise<Run>): Promise<Tally> {
  const tally = new Tally();
  for (let seed = 1; seed <= count; seed += 1) if (!tally.add(await run(seed))) break;
  expectGood(tally);
  return tally;
}

describe('over stores that drop versions, move labels blindly, or take a request however old it is', {
  timeout: 300_000,
}, () => {
  it('the promises hold through 3,000 random runs', async () => {
    const { reached, acknowledged } = await elsewhere(3_000, (seed) => randomRun(seed, { elsewhere: true }));
    expect(acknowledged).toBeGreaterThan(3_000);
    for (const what of ['dropped', 'full', 'fenced'] as const) expect(reached[what], what).toBeGreaterThan(20);
  });

  it('a rotation locks nobody out in 400 random runs, half of which crowd a store', async () => {
    const { reached, rotated } = await elsewhere(400, (seed) => randomRotation(seed, { elsewhere: true }));
    expect(rotated).toBeGreaterThan(400);
    for (const what of reachable) expect(reached[what], what).toBeGreaterThan(0);
  });
});

describe('where keys are made here and imported', { timeout: 300_000 }, () => {
  it('none is lost in 2,000 random runs, while some are where the cloud makes them', async () => {
    const tally = await runs(2_000, { importing: true });
    expectGood(tally);
    expect(tally).toMatchObject({ lost: 0, windows: { 'same name': 0, replaced: 0 } });
    expect(tally.acknowledged).toBeGreaterThan(2_000);
    expect((await runs(200)).lost).toBeGreaterThan(0);
  });

  it('no pair of a stranger is taken for ours in 2,000 random runs, even of one who aims at it', async () => {
    const tally = await runs(2_000, { importing: true, windows: true });
    expectGood(tally);
    expect(tally).toMatchObject({ lost: 0, windows: { 'same name': 0 } });
    expect(tally.windows.replaced).toBeGreaterThan(10);
  });

  it('a rotation locks nobody out in 300 random runs', async () => {
    const { rotated } = await elsewhere(300, (seed) => randomRotation(seed, { importing: true }));
    expect(rotated).toBeGreaterThan(200);
  });
});

describe('a simulated rotation', { timeout: 300_000 }, () => {
  it('locks nobody out when one thing goes wrong, whatever it is, or when it is cancelled at any step', async () => {
    const tally = new Tally();
    const counted = await runAll(rotationCases(), 79, (run) => tally.add(run), runRotation);
    expectGood(tally);
    expect(counted.run).toBeGreaterThan(2_000);
    expect(tally.rotated).toBeGreaterThan(counted.run / 4);
  });

  it('locks nobody out in 600 random runs', async () => {
    const tally = new Tally();
    for (let seed = 1; seed <= 600; seed += 1) if (!tally.add(await randomRotation(seed))) break;
    expectGood(tally);
    expect(tally.rotated).toBeGreaterThan(400);
  });
});

describe('whose a pair is', { timeout: 300_000 }, () => {
  const every = async (count: number, run: (seed: number) => Promise<Run>, windows = false) => {
    const tally = new Tally();
    for (let seed = 1; seed <= count; seed += 1) if (!tally.add(await run(seed), windows)) break;
    expectGood(tally);
    expect(tally.acknowledged).toBeGreaterThan(count / 2);
    return tally.windows;
  };

  it('stays clear between two keyvends in one account, but for the window on ENS', async () => {
    const windows = await every(1_500, (seed) => neighbourRun(seed, 'own'), true);
    expect(windows['same name']).toBeGreaterThan(0);
    expect(windows['same name']).toBeLessThan(1_500 / 20);
    expect(windows.replaced).toBe(0);
  });

  it('stays clear when another keyvend works with a copy of the ledger', async () => {
    await every(1_500, (seed) => neighbourRun(seed, 'copied'), true);
  });

  it('stays clear when the ledger is put back to an earlier moment: nothing acknowledged is deleted', async () => {
    await every(2_000, restoredRun);
  });

  it('stays clear when one that was there before is adopted with its key, by several, while it is removed or replaced', async () => {
    await every(2_000, adoptedRun);
  });

  it('stays clear when the alias gets the access key of another account', async () => {
    await every(2_000, movedRun);
  });
});

describe('the two windows that cannot be closed', { timeout: 300_000 }, () => {
  it('are real: strangers who aim at them lose a pair, and nothing else breaks', async () => {
    const tally = await runs(1_000, { windows: true });
    expectGood(tally);
    expect(tally.windows['same name']).toBeGreaterThan(20);
    expect(tally.windows.replaced).toBeGreaterThan(10);
  });
});

describe('a run', () => {
  it('can be repeated by its seed', async () => {
    const shown = ({ trace, violations, acknowledged }: Run) => ({ trace, violations, acknowledged });
    for (const seed of [1, 2, 3, 4, 5]) {
      const first = shown(await randomRun(seed));
      expect(first.trace.length).toBeGreaterThan(5);
      expect(shown(await randomRun(seed))).toEqual(first);
      expect((await randomRun(seed + 5)).trace).not.toEqual(first.trace);
    }
  });

  it('can be repeated by the name of its case', async () => {
    let seen = 0;
    for await (const one of families['one fault and a stranger'].cases()) {
      seen += 1;
      if (seen % 97 !== 0) continue;
      const { title, trace } = await runCase(one);
      expect(await runCase(caseOf(title))).toMatchObject({ title, trace });
    }
    const imported = 'ens once: importing + once.1/store.put crash after';
    const { title, trace } = await runCase(caseOf(imported));
    expect(title).toBe(imported);
    expect(trace.join('\n')).toMatch(/store\.put {2}\[crash after\]/);
    expect(() => caseOf('ecs http: http.1/7 misfortune')).toThrow(TypeError);
  });

  it('can be repeated likewise when it is one of a rotation', async () => {
    for (const title of [
      'rotation ecs cancelled at 12: worker1/20 crash after',
      'rotation cvm: worker2/3 late by 110 s',
    ]) {
      const { title: same, trace } = await runRotation(rotationCase(title));
      expect(same).toBe(title);
      expect(await runRotation(rotationCase(title))).toMatchObject({ trace });
    }
    expect((await randomRotation(7)).trace).toEqual((await randomRotation(7)).trace);
    expect(() => rotationCase('rotation ecs: worker1/7 misfortune')).toThrow(TypeError);
  });
});
