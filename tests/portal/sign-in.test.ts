// Signing in to the portal, in a real browser, at the issuer of npm start.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { noBrowser } from './browser.ts';
import { type PortalScene, portalScene } from './scene.ts';
import type { Watched } from './watched-page.ts';

const missing = noBrowser();
let scene: PortalScene;
beforeAll(async () => {
  if (!missing) scene = await portalScene();
}, 60_000);
beforeEach((context) => {
  if (missing) context.skip(missing);
});
afterAll(() => scene?.stop());

const keptIn = ({ page }: Watched) =>
  page.evaluate('JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), document.cookie])');
const TOKEN = /eyJ[\w-]+\.[\w-]+/;

describe('signing in to the portal', () => {
  it('leads to the issuer and back to the place that was asked for', async () => {
    await scene.vend('web-place');
    const place = `/key-pairs/ecs/cn-hangzhou/default/web-place`;
    const { page, faults } = await scene.as('operator', place);
    expect(page.url()).toBe(`${scene.url}#${place}`);
    expect(await page.title()).toBe('web-place - keyvend');
    expect(await page.getByTitle('Signed in as').textContent()).toBe('operator');
    expect(faults).toEqual([]);
  });

  it('leads from localhost to the address that the issuer sends people back to', async () => {
    const { page, faults } = await scene.visit();
    await page.goto(`${scene.url.replace('127.0.0.1', 'localhost')}#/vend`);
    await page.getByRole('button', { name: 'operator' }).click();
    await page.getByRole('heading', { name: 'New key pair' }).waitFor();
    expect(page.url()).toBe(`${scene.url}#/vend`);
    expect(faults).toEqual([]);
  });

  it('keeps no token where another page of the browser could find it, and nothing else either', async () => {
    const watched = await scene.as('operator');
    expect(await keptIn(watched)).toBe('[[],[],""]');
    expect(watched.traffic.join('\n')).not.toMatch(TOKEN);
    expect(await watched.page.content()).not.toMatch(TOKEN);
  });

  it('needs no answer of a person again when the page is loaded anew', async () => {
    const { page } = await scene.as('team-a', '/vend');
    await page.reload();
    await page.getByRole('heading', { name: 'New key pair' }).waitFor();
    expect(await page.getByTitle('Signed in as').textContent()).toBe('team-a');
  });

  it('asks who one is after signing out', async () => {
    const { page } = await scene.as('team-a');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'auditor' }).click();
    await expect.poll(() => page.getByTitle('Signed in as').textContent()).toBe('auditor');
  });

  it('says in the words of the issuer why nobody is signed in', async () => {
    const { page, faults } = await scene.visit();
    const asking = page.waitForRequest((request) => request.url().startsWith(`${scene.stack.issuer}/auth`));
    await page.goto(scene.url);
    const state = new URL((await asking).url()).searchParams.get('state');
    await page.getByRole('button', { name: 'operator' }).waitFor();
    await page.goto(
      `${scene.url}?error=access_denied&error_description=Not+today&state=${state}&iss=${scene.stack.issuer}`,
    );
    await page.getByRole('heading', { name: 'Signing in failed' }).waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('access_denied Not today');
    await page.getByRole('button', { name: 'Sign in again' }).click();
    await page.getByRole('button', { name: 'operator' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(faults).toEqual([]);
  });

  it('takes no answer that belongs to another sign-in', async () => {
    const { page } = await scene.visit();
    await page.goto(`${scene.url}?code=somebody-elses&state=made-up`);
    await page.getByRole('heading', { name: 'Signing in failed' }).waitFor();
    expect(page.url()).toBe(scene.url);
  });

  it('keeps a half-filled form when the session is over, across the way to the issuer, and never a token', async () => {
    const watched = await scene.as('operator', '/vend', { expected: /401/ });
    const { page } = watched;
    await page.getByLabel('Provider', { exact: true }).selectOption('ecs');
    await page.getByLabel('Name', { exact: true }).fill('half-filled');
    await page.getByLabel('Region', { exact: true }).fill('cn-hangzhou');
    const problem = {
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      code: 'TOKEN_EXPIRED',
      detail: 'The token has expired.',
    };
    await page.route('**/v1/ecs/key-pairs', (route) =>
      route.fulfill({ status: 401, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
    );
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByText('Your session is over').waitFor();
    await page.unroute('**/v1/ecs/key-pairs');
    const back = page.waitForRequest((request) => request.url().startsWith(`${scene.url}?code=`));
    await page.getByRole('button', { name: 'Sign in again' }).click();
    await back;
    await page.getByRole('button', { name: 'Make it' }).waitFor();
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('half-filled');
    expect(watched.kept.join('\n')).toContain('half-filled');
    expect(watched.kept.join('\n')).not.toMatch(TOKEN);
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('heading', { name: 'half-filled' }).waitFor();
    expect(await keptIn(watched)).toBe('[[],[],""]');
  });

  it('says that a session is about to end while there is time to finish something', async () => {
    const watched = await scene.visit();
    const { page } = watched;
    await page.clock.install();
    await page.goto(`${scene.url}#/vend`);
    await page.getByRole('button', { name: 'operator' }).click();
    await page.getByRole('heading', { name: 'New key pair' }).waitFor();
    await page.clock.fastForward('57:00');
    expect(await page.getByText('Your session ends in a moment').count()).toBe(0);
    await page.clock.fastForward('01:30');
    await page.getByText('Your session ends in a moment').waitFor();
    expect(watched.faults).toEqual([]);
  });
});
