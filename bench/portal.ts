// The portal in a real browser: what has to be loaded, and how long a person waits for what, from the click to the words on the page. The
// stack of npm start is on the same machine, with local clouds that make RSA keys for each pair.
//
// Run: node bench/portal.ts [--pairs 100] [--rounds 9] [--json FILE]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { buildPage } from '../tests/portal/build-page.ts';
import { portalScene, region } from '../tests/portal/scene.ts';
import { median, publish, readOptions, table } from './support/figures.ts';

const { pairs, rounds, ...options } = readOptions({ pairs: 100, rounds: 9 });
const [count, times] = options.short ? [3, 1] : [pairs, rounds];

const began = performance.now();
const folder = await buildPage();
const buildMs = performance.now() - began;
const sizeOf = (isMeant: (name: string) => boolean) =>
  readdirSync(join(folder, 'assets'))
    .filter(isMeant)
    .reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, 'assets', name)), { level: 9 }).length, 0);
const sizes = {
  script: sizeOf((name) => /^index-.*\.js$/.test(name)),
  style: sizeOf((name) => name.endsWith('.css')),
  language: sizeOf((name) => name.startsWith('en-')),
};
await rm(folder, { recursive: true });

const waits = new Map<string, number[]>();
const STARTS = 3;
for (let start = 0; start < (options.short ? 1 : STARTS); start += 1)
  await timed('npm start, until it says where the portal is', untilItSays);
const scene = await portalScene();
const faults: string[] = [];
/** Until what is waited for is on the page. */
async function timed(what: string, act: () => Promise<unknown>): Promise<void> {
  const from = performance.now();
  await act();
  waits.set(what, [...(waits.get(what) ?? []), performance.now() - from]);
}
/** With a home where nothing is, and the page built already. */
async function untilItSays(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'keyvend-bench-'));
  const env = { ...process.env, KEYVEND_HOME: home, PORT: '0', KEYVEND_CLOUDS_PORT: '0' };
  const child = spawn(process.execPath, ['local/start.ts'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  for await (const bytes of child.stdout) {
    printed += bytes;
    if (/^portal: http/m.test(printed)) break;
  }
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
  await rm(home, { recursive: true, force: true });
}
const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 }).waitFor();

try {
  for (let i = 0; i < count; i += 1) await scene.vend(`pair-${String(i).padStart(3, '0')}`);
  for (let round = 0; round < times; round += 1) {
    const watched = await scene.visit();
    const { page } = watched;
    await timed('the page is opened, until the issuer asks who one is', async () => {
      await page.goto(scene.url);
      await page.getByRole('button', { name: 'operator' }).waitFor();
    });
    await timed('signing in, until the overview is there', async () => {
      await page.getByRole('button', { name: 'operator' }).click();
      await page.getByRole('heading', { name: 'Key pairs by state' }).waitFor();
    });
    const [paint] = (await page.evaluate(
      'performance.getEntriesByType("paint").map(({ startTime }) => startTime)',
    )) as number[];
    waits.set('first paint after the way back', [...(waits.get('first paint after the way back') ?? []), paint ?? 0]);
    await timed('the list, its first 50', async () => {
      await page.getByRole('link', { name: 'Key pairs' }).click();
      await page.getByRole('link', { name: 'pair-000' }).waitFor();
    });
    await timed('a search, with the pause after the last letter', async () => {
      await page.getByLabel('Name begins with').fill('pair-002');
      await page.getByText('1 key pair', { exact: true }).last().waitFor();
    });
    await timed('one key pair', async () => {
      await page.getByRole('link', { name: 'pair-002' }).click();
      await page.getByRole('heading', { name: 'Public key' }).waitFor();
    });
    await page.getByRole('link', { name: 'New key pair' }).click();
    await heading(page, 'New key pair');
    await page.getByLabel('Provider', { exact: true }).selectOption('ecs');
    await page.getByLabel('Name', { exact: true }).fill(`made-${round}`);
    await page.getByLabel('Region', { exact: true }).fill(region);
    await timed('a key pair is made', async () => {
      await page.getByRole('button', { name: 'Make it' }).click();
      await heading(page, `made-${round}`);
    });
    faults.push(...watched.faults);
    await page.context().close();
  }
} finally {
  await scene.stop();
}

const [kilobytes, ms] = [
  (bytes: number) => `${(bytes / 1_024).toFixed(1)} KB`,
  (value: number) => `${Math.round(value)} ms`,
];
publish(
  table(
    ['of the page', 'median', 'most'],
    [
      ['script, compressed', kilobytes(sizes.script), ''],
      ['style, compressed', kilobytes(sizes.style), ''],
      ['one language, compressed', kilobytes(sizes.language), ''],
      ['building it', ms(buildMs), ''],
      ...[...waits].map(([what, all]) => [what, ms(median(all)), ms(Math.max(...all))]),
    ],
  ),
  { sizes, buildMs, waits: Object.fromEntries(waits), pairs: count },
  { broken: faults },
  options,
);
