// Told in a second, and not after the minutes that the search for all of them takes (mutations.test.ts).
import { expect, it } from 'vitest';
import { codeFor } from './mutant.ts';
import { bugs } from './searches.ts';

it('each deliberate bug has its place in the code as it is, and its name for itself', async () => {
  const lost = await Promise.all(bugs.map((bug) => codeFor(bug).then(() => undefined, String)));
  expect(lost.filter((one) => one !== undefined)).toEqual([]);
  expect(new Set(bugs.map(({ name }) => name)).size).toBe(bugs.length);
});
