// The page in a bucket: any host, any path, a config.json beside it, and the API on another origin that permits it.
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Place, place, type Serving } from '../stack/serving.ts';
import { launch, noBrowser } from './browser.ts';
import { buildPage } from './build-page.ts';
import { watchedPage } from './watched-page.ts';

const missing = noBrowser();
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const PATH = '/some/where/';
let here: Place;
let serving: Serving;
let browser: Browser;
let folder: string;
let bucket: Server;
let page: string;
/** What a bucket gives out as config.json. */
let settings: string;
beforeAll(async () => {
  if (missing) return;
  [here, folder, browser] = await Promise.all([place(), buildPage(), launch()]);
  // As buckets do: a file by its name, with its type, and no header besides.
  bucket = createServer(async (request, response) => {
    const name = new URL(request.url ?? '/', 'http://bucket').pathname.slice(PATH.length);
    const body = name === 'config.json' ? settings : await readFile(join(folder, name)).catch(() => undefined);
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': types[extname(name)] ?? 'application/json' });
    response.end(body);
  }).listen(0, '127.0.0.1');
  await once(bucket, 'listening');
  const origin = `http://127.0.0.1:${(bucket.address() as AddressInfo).port}`;
  page = `${origin}${PATH}index.html`;
  serving = await here.start({ KEYVEND_CORS_ORIGINS: origin, KEYVEND_ACCESS: resolve('access/example.yaml') });
  here.issuer.openTo(page);
}, 60_000);
beforeEach((context) => {
  if (missing) context.skip(missing);
  settings = JSON.stringify({ api: serving.url, issuer: here.issuer.url, clientId: 'keyvend-portal' });
});
afterAll(async () => {
  if (missing) return;
  await browser.close();
  bucket.close();
  bucket.closeAllConnections();
  await serving.end();
  await here.remove();
  await rm(folder, { recursive: true });
});

const visited = async () => {
  const context = await browser.newContext({ locale: 'en-GB' });
  return watchedPage(context, (asked) => asked.startsWith(here.issuer.url), /status of 404|ERR_CONNECTION_REFUSED/);
};

it('a page in a bucket signs people in and vends, by an API on another origin', async () => {
  const watched = await visited();
  await watched.page.goto(`${page}#/vend`);
  await watched.page.getByRole('button', { name: 'operator' }).click();
  await watched.page.getByLabel('Name', { exact: true }).fill('from-a-bucket');
  await watched.page.getByRole('button', { name: 'Make it' }).click();
  await watched.page.getByRole('heading', { name: 'from-a-bucket' }).waitFor();
  expect(watched.page.url()).toBe(`${page}#/key-pairs/ens/global/default/from-a-bucket`);
  expect(watched.faults).toEqual([]);
});

it.each([
  ['no config.json', '', 'config.json'],
  ['one without an issuer', '{"api":"..","clientId":"x"}', 'config.json: issuer'],
])('a page with %s says so', async (_, text, says) => {
  settings = text;
  const watched = await visited();
  await watched.page.goto(page);
  await watched.page.getByRole('heading', { name: 'This page is not set up' }).waitFor();
  await watched.page.getByText(says, { exact: true }).waitFor();
});

it('a page whose issuer cannot be reached says so', async () => {
  settings = JSON.stringify({ api: serving.url, issuer: 'http://127.0.0.1:1', clientId: 'keyvend-portal' });
  const watched = await visited();
  await watched.page.goto(page);
  await watched.page.getByRole('heading', { name: 'Signing in failed' }).waitFor();
  await watched.page.getByText('The issuer cannot be reached').waitFor();
});
