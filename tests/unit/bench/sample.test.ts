// One sample is one process. Whatever goes wrong in it has to stop the bench and say why.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sample } from '../../../bench/cold-start/sample.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyvend-sample-'));
});
afterAll(() => rm(folder, { recursive: true }));

const taken = async (name: string, text: string) => {
  const file = join(folder, name);
  await writeFile(file, text);
  return sample({
    file,
    exported: 'http',
    event: { wanted: 201 },
    expected: { statusCode: 201 },
    environment: {},
    pinned: false,
  });
};

describe('a sample', () => {
  it('says how long loading and the first answer took, for a CommonJS module and for an ES module', async () => {
    const busy = 'const until = Date.now() + 30; while (Date.now() < until);';
    for (const [name, exported] of [
      ['a.cjs', 'exports.http ='],
      ['a.mjs', 'export const http ='],
    ]) {
      const { loadMs, firstMs, wallMs, rssBytes, undici } = await taken(
        name!,
        `${busy} ${exported} async ({ wanted }) => { ${busy} return { statusCode: wanted, body: '' }; };`,
      );
      expect(loadMs).toBeGreaterThan(29);
      expect(firstMs).toBeGreaterThan(29);
      expect(wallMs).toBeGreaterThan(loadMs + firstMs);
      expect(rssBytes).toBeGreaterThan(10 * 1024 ** 2);
      expect(undici).toBe(false);
    }
  });

  it("notices that Node's fetch was loaded", async () => {
    const text = "exports.http = async () => { await fetch('data:,'); return { statusCode: 201 }; };";
    expect((await taken('fetch.cjs', text)).undici).toBe(true);
  });

  it('fails when the answer is not the expected one, and when there is none', async () => {
    const refused = "exports.http = async () => { process.stdout.write('no rights'); return { statusCode: 500 }; };";
    await expect(taken('refused.cjs', refused)).rejects.toThrow(/"statusCode":500[\s\S]*no rights/);
    await expect(taken('broken.cjs', "throw new Error('half a bundle');")).rejects.toThrow('half a bundle');
  });
});
