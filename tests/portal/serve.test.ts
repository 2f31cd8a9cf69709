// The portal as keyvend serve has it, with what a server of one's own has and npm start has not: messages that can never succeed.
import { resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildPortal } from '../../local/build-portal.ts';
import { type Place, place, type Serving } from '../stack/serving.ts';
import { launch, noBrowser } from './browser.ts';
import { watchedPage } from './watched-page.ts';

const missing = noBrowser();
let here: Place;
let serving: Serving;
let browser: Browser | undefined;
let url: string;
const region = 'cn-hangzhou';
const portal = { KEYVEND_PORTAL_CLIENT_ID: 'keyvend-portal', KEYVEND_ACCESS: resolve('access/example.yaml') };
beforeAll(async () => {
  await buildPortal();
  here = await place();
  serving = await here.start(portal);
  url = `${serving.url}/portal/`;
  here.issuer.openTo(url);
  if (!missing) browser = await launch();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await serving?.end();
  await here?.remove();
});

describe('the portal of keyvend serve', () => {
  it('is under /portal/, with its settings and a policy that names the issuer alone', async () => {
    const page = await fetch(url);
    expect(page.status).toBe(200);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`connect-src 'self' ${here.issuer.url}`);
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toContain('unsafe');
    const settings = { api: '..', issuer: here.issuer.url, clientId: 'keyvend-portal' };
    expect(await (await fetch(`${url}config.json`)).json()).toEqual(settings);
    const bare = await fetch(url.slice(0, -1), { redirect: 'manual' });
    expect([bare.status, bare.headers.get('location')]).toEqual([308, 'portal/']);
    const [, asset] = /src="\.\/(assets\/[^"]+)"/.exec(await page.text()) ?? [];
    const script = await fetch(`${url}${asset}`);
    expect(script.headers.get('cache-control')).toContain('immutable');
    await script.bytes(); // a server that stops waits for whoever still reads
  });

  it('says its policy in the page as well, for hosts that send no headers', async () => {
    const page = await (await fetch(url)).text();
    expect(page).toMatch(
      /<meta\s+http-equiv="Content-Security-Policy"\s+content="default-src 'none'; script-src 'self';/,
    );
    expect(page).not.toMatch(/<script(?![^>]* src=)|<style| on\w+=/);
  });

  it.each(['nothing', 'config.json/', '..%2f..%2fpackage.json', 'assets'])('has no file %s', async (path) => {
    expect((await fetch(`${url}${path}`)).status).toBe(404);
  });

  it('is not there where no client is configured', async () => {
    const bare = await here.start({ KEYVEND_ACCESS: portal.KEYVEND_ACCESS });
    expect((await fetch(`${bare.url}/portal/`)).status).toBe((await fetch(`${bare.url}/nothing`)).status);
    await bare.end();
  });

  it('is refused at the start where people could sign in nowhere', async () => {
    const said = await here.refused({ ...portal, KEYVEND_ISSUER: 'no-address' }, 'serve');
    expect(said).toContain('KEYVEND_PORTAL_CLIENT_ID needs a KEYVEND_ISSUER that is an address');
  });
});

describe('a message that can never succeed', () => {
  beforeEach((context) => {
    if (missing) context.skip(missing);
  });

  it('is found with its reason, read, and put back', async () => {
    const token = await here.token({}, 'operator');
    const ask = (method: string, path: string, body?: object) =>
      serving.ask(method, path, body, { authorization: `Bearer ${token}` });
    await ask('POST', '/v1/ecs/key-pairs', { name: 'buried', region, tags: { team: 'a' } });
    const { body } = await ask('POST', '/v1/requests', { provider: 'ecs', name: 'buried', region });
    const id = String(body.id);
    await expect
      .poll(async () => (await ask('GET', `/v1/requests/${id}`)).body.state, { timeout: 20_000 })
      .toBe('buried');

    const context = await browser!.newContext({ locale: 'en-GB' });
    const { page, faults } = await watchedPage(context, (asked) => asked.startsWith(here.issuer.url));
    await page.goto(`${url}#/`);
    await page.getByRole('button', { name: 'operator' }).click();
    await page.getByRole('link', { name: 'Dead letters' }).click();
    await page.getByText('NAME_TAKEN').or(page.getByText('DIFFERENT_REQUEST')).first().waitFor();
    await page.getByRole('link', { name: id }).click();
    await page.getByText('"name":"buried"').waitFor();
    const putBack = page.waitForResponse((response) => response.request().method() === 'POST');
    await page.getByRole('button', { name: 'Put it back' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Put it back' }).click();
    expect((await putBack).status()).toBeLessThan(300);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
  });
});
