// What a browser has to load before it shows anything.
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { buildPage } from './build-page.ts';

it('the portal is at most 60 KB to load, compressed, with one language', async () => {
  const folder = await buildPage();
  const sizes = readdirSync(join(folder, 'assets')).map((name) => ({
    name,
    bytes: gzipSync(readFileSync(join(folder, 'assets', name)), { level: 9 }).length,
  }));
  const isLanguage = ({ name }: { name: string }) => /^(de|en|zh)-/.test(name);
  const shared = sizes.filter((one) => !isLanguage(one)).reduce((sum, { bytes }) => sum + bytes, 0);
  const languages = sizes.filter(isLanguage);
  expect(languages).toHaveLength(3);
  await rm(folder, { recursive: true });
  expect(shared + Math.max(...languages.map(({ bytes }) => bytes))).toBeLessThanOrEqual(60 * 1024);
});
