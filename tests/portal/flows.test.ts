// What people do in the portal, in a real browser, against the stack of npm start.
import { createPublicKey } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { publicKeyLine } from '../../lib/ssh/public-key.ts';
import { noBrowser } from './browser.ts';
import { type PortalScene, portalScene, region } from './scene.ts';
import type { Watched } from './watched-page.ts';

const missing = noBrowser();
let scene: PortalScene;
const open: Watched[] = [];
beforeAll(async () => {
  if (!missing) scene = await portalScene();
}, 60_000);
afterEach(async (context) => {
  const faults = open.flatMap((one) => one.faults);
  for (const { page } of open.splice(0)) await page.context().close();
  expect(faults, context.task.name).toEqual([]);
});
beforeEach((context) => {
  if (missing) context.skip(missing);
});
afterAll(() => scene?.stop());

/** @param expected the browser's own lines for statuses that the test asks for */
async function as(person: string, place: string, expected?: RegExp): Promise<Watched> {
  const watched = await scene.as(person, place, expected ? { expected } : {});
  open.push(watched);
  return watched;
}
const DENIED = /status of 403/;
const pairPlace = (name: string) => `/key-pairs/ecs/${region}/default/${name}`;

describe('a new key pair', () => {
  it('is vended by a form with the rules of its provider', async () => {
    const { page } = await as('operator', '/vend');
    await page.getByLabel('Provider', { exact: true }).selectOption('cvm');
    await page.getByLabel('Name', { exact: true }).fill('no-hyphens');
    await page.getByText('1 to 25 letters, digits and underscores.').nth(1).waitFor();
    expect(await page.getByRole('button', { name: 'Make it' }).isDisabled()).toBe(true);
    await page.getByLabel('Name', { exact: true }).fill('web_prod');
    await page.getByLabel('Region', { exact: true }).fill('ap-tokyo');
    await page.getByLabel('Project number').fill('0');
    await page.getByRole('button', { name: 'Add a tag' }).click();
    await page.getByLabel('Tag 1').fill('team');
    await page.getByLabel('Value 1').fill('platform');
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('heading', { name: 'web_prod', level: 1 }).waitFor();
    const { body } = await scene.ask('GET', '/v1/cvm/key-pairs/web_prod?region=ap-tokyo');
    expect(body).toMatchObject({ state: 'active', tags: { team: 'platform' }, projectId: 0 });
  });

  it('that may not be vended says which right is missing, and why none of the own grants fits', async () => {
    const { page } = await as('team-a', '/vend', DENIED);
    await page.getByLabel('Provider', { exact: true }).selectOption('ecs');
    await page.getByLabel('Name', { exact: true }).fill('team-b-web');
    await page.getByLabel('Region', { exact: true }).fill(region);
    await page.getByRole('button', { name: 'Make it' }).click();
    const alert = page.getByRole('alert');
    await alert.getByText('Not allowed').waitFor();
    expect(await alert.textContent()).toContain('"vend"');
    await alert.getByRole('link', { name: 'Why?' }).click();
    await page.getByText('These of your grants come nearest').waitFor();
    const row = page.getByRole('row', { name: /^team-a yes/ }).first();
    expect(await row.textContent()).toMatch(/no.*team-a-\*/);
  });
});

describe('the list', () => {
  it('is searched, filtered and ordered by the server, and its address says how', async () => {
    for (const name of ['list-b', 'list-a', 'list-c']) await scene.vend(name);
    const { page } = await as('operator', '/key-pairs');
    await page.getByLabel('Name begins with').fill('list-');
    await page.getByText('3 key pairs', { exact: true }).last().waitFor();
    await page.getByRole('button', { name: 'Name' }).click();
    await page.getByRole('button', { name: 'Name' }).click();
    await expect.poll(() => page.locator('tbody th').allTextContents()).toEqual(['list-c', 'list-b', 'list-a']);
    expect(page.url()).toContain('name=list-&sort=-name');
    await page.getByLabel('State', { exact: true }).selectOption('retired');
    await page.getByText('No key pair matches.').waitFor();
  });

  it('that is empty looks otherwise than one that is not allowed', async () => {
    const { page } = await as('team-a', '/key-pairs');
    await page.getByText('There are no key pairs that you may read.').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    const other = await as('team-a', pairPlace('list-a'), DENIED);
    await other.page.getByRole('alert').getByText('Not allowed').waitFor();
  });

  it('has things done to many at once, each with its outcome, and tries those again that failed', async () => {
    for (const name of ['many-1', 'many-2']) await scene.vend(name);
    const { page } = await as('operator', '/key-pairs?name=many-', /status of 50\d/);
    const failing = '**/v1/ecs/key-pairs/many-2?**';
    const problem = { type: 'about:blank', title: 'x', status: 502, code: 'CLOUD_REFUSED', detail: 'Not now.' };
    await page.route(failing, (route) =>
      route.request().method() === 'DELETE'
        ? route.fulfill({
            status: 500,
            contentType: 'application/problem+json',
            body: JSON.stringify({ ...problem, status: 500 }),
          })
        : route.continue(),
    );
    await page.getByLabel('Choose all of these').check();
    await page.getByRole('button', { name: 'Retire' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Retire' }).click();
    const outcomes = page.getByRole('region', { name: 'What became of each' }).first();
    await outcomes.getByText('CLOUD_REFUSED: Not now.').waitFor();
    expect(await outcomes.getByText('done', { exact: true }).count()).toBe(1);
    await page.unroute(failing);
    await page.getByRole('button', { name: 'Retry the failed' }).click();
    await expect.poll(() => outcomes.getByText('done', { exact: true }).count()).toBe(2);
    const { body } = await scene.ask('GET', `/v1/ecs/key-pairs/many-2?region=${region}`);
    expect(body.state).toBe('retired');
  });
});

describe('the age of many key pairs', () => {
  it('is set at once, and the hosts of each stay', async () => {
    const hosts = [{ host: '127.0.0.1', port: 2222, user: 'deploy' }];
    for (const name of ['aged-1', 'aged-2']) await scene.vend(name, { hosts });
    const { page } = await as('operator', '/key-pairs?name=aged-');
    await page.getByLabel('Choose all of these').check();
    await page.getByRole('button', { name: 'Set the age' }).click();
    await page.getByRole('dialog').getByLabel('Rotate after days').fill('45');
    await page.getByRole('dialog').getByRole('button', { name: 'Set the age' }).click();
    await expect.poll(() => page.locator('.outcomes').getByText('done', { exact: true }).count()).toBe(2);
    for (const name of ['aged-1', 'aged-2']) {
      const { body } = await scene.ask('GET', `/v1/ecs/key-pairs/${name}/policy?region=${region}`);
      expect(body).toMatchObject({ maxAgeDays: 45, hosts });
    }
  });
});

describe('a key pair', () => {
  it('has its public key to copy in four forms, and the commands that read the private one elsewhere', async () => {
    await scene.vend('shown');
    const { page } = await as('operator', pairPlace('shown'));
    await page.getByText('Nothing on this page reads a private key').waitFor();
    await page.getByRole('button', { name: 'Copy: keyvend' }).click();
    const clipboard = () => page.evaluate('navigator.clipboard.readText()');
    expect(await clipboard()).toBe(`keyvend key ecs shown --region ${region}`);
    const { body } = await scene.ask('GET', `/v1/ecs/key-pairs/shown?region=${region}`);
    const [{ publicKey, fingerprints }] = body.versions as [{ publicKey: string; fingerprints: { sha256: string } }];
    await page.getByText(fingerprints.sha256).waitFor();
    await page.getByRole('button', { name: 'Copy: OpenSSH' }).click();
    expect(String(await clipboard()).trim()).toBe(publicKey);
    await page.getByLabel('Form').selectOption('RFC 4716');
    await page.getByText('---- BEGIN SSH2 PUBLIC KEY ----').waitFor();
    await page.getByLabel('Form').selectOption('PEM (SPKI)');
    await page.getByText('-----BEGIN PUBLIC KEY-----').waitFor();
    await page.getByLabel('Form').selectOption('JWK');
    await page.getByRole('button', { name: 'Copy: JWK' }).click();
    const read = createPublicKey({ key: JSON.parse(String(await clipboard())), format: 'jwk' });
    expect(publicKeyLine(read)).toBe(publicKey);
  });

  it('is retired after a question, and restored after another', async () => {
    await scene.vend('retired');
    const { page } = await as('operator', pairPlace('retired'));
    await page.getByRole('button', { name: 'Retire' }).click();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.getByRole('button', { name: 'Retire' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Retire' }).click();
    await page.getByRole('button', { name: 'Restore' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click();
    await page.getByRole('button', { name: 'Rotate' }).waitFor();
  });

  it('has a policy that is edited as a whole: what the form does not show stays', async () => {
    const target = { attached: true, user: 'root' };
    await scene.vend('edited', { targets: [target] });
    const { page } = await as('operator', pairPlace('edited'));
    await page.getByLabel('Rotate after days').fill('30');
    await page.getByRole('button', { name: 'Add a host' }).click();
    await page.getByLabel('User 1').fill('deploy');
    await page.getByLabel('Host 1').fill('127.0.0.1');
    await page.getByLabel('Port 1').fill('2222');
    await page.getByRole('button', { name: 'Save the policy' }).click();
    await expect.poll(() => page.getByRole('button', { name: 'Save the policy' }).isDisabled()).toBe(true);
    const { body } = await scene.ask('GET', `/v1/ecs/key-pairs/edited/policy?region=${region}`);
    expect(body).toMatchObject({
      maxAgeDays: 30,
      hosts: [{ user: 'deploy', host: '127.0.0.1', port: 2222 }],
      targets: [target],
    });
  });

  it('tells a policy that goes too far in the words of the API', async () => {
    await scene.vend('bounded');
    const { page } = await as('operator', pairPlace('bounded'), /status of 422/);
    await page.getByRole('button', { name: 'Add a host' }).click();
    await page.getByLabel('User 1').fill('deploy');
    await page.getByLabel('Host 1').fill('192.0.2.1');
    await page.getByRole('button', { name: 'Save the policy' }).click();
    await page.getByRole('alert').getByText('HOST_FORBIDDEN').waitFor();
    expect(await page.getByLabel('Host 1').inputValue()).toBe('192.0.2.1');
  });

  it('has a history for whoever may read it', async () => {
    await scene.vend('told');
    const { page } = await as('auditor', pairPlace('told'));
    await page.getByRole('cell', { name: 'activated' }).waitFor();
    await scene.vend('team-a-told');
    const other = await as('team-a', pairPlace('team-a-told'), DENIED);
    await other.page.getByText('"audit"').waitFor();
  });
});
