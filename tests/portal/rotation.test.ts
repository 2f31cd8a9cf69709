// A rotation in the portal, host by host, on real sshds; one of them does not answer.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Sshd, startSshd } from '../../local/sshd.ts';
import { noSshd } from '../hosts/accounts.ts';
import { noBrowser } from './browser.ts';
import { type PortalScene, portalScene, region } from './scene.ts';

const missing = noBrowser() ?? noSshd();
let scene: PortalScene;
let host: Sshd;
let silent: Sshd;
beforeAll(async () => {
  if (missing) return;
  [scene, host, silent] = await Promise.all([portalScene(), startSshd(), startSshd()]);
  const name = 'rotated';
  await scene.vend(name);
  const { body } = await scene.ask('GET', `/v1/ecs/key-pairs/${name}?region=${region}`);
  const [{ publicKey }] = body.versions as [{ publicKey: string }];
  for (const one of [host, silent]) await one.permit([publicKey]);
  await silent.stop();
  const hosts = [host, silent].map(({ host, port, user, hostKeys }) => ({
    host,
    port,
    user,
    hostKeys: hostKeys.fingerprints,
  }));
  await scene.ask('PUT', `/v1/ecs/key-pairs/${name}/policy?region=${region}`, { overlapDays: 1, hosts });
}, 60_000);
beforeEach((context) => {
  if (missing) context.skip(missing);
});
afterAll(async () => {
  await Promise.all([scene?.stop(), host?.remove(), silent?.remove()]);
});

const nameOf = ({ user, host, port }: Sshd) => `${user}@${host}:${port}`;

describe('a rotation', () => {
  it('is begun after a question, watched host by host, and goes on without a host for a reason that is kept', async () => {
    const before = await scene.stored('rotated');
    const { page, faults, traffic, kept } = await scene.as('operator', `/key-pairs/ecs/${region}/default/rotated`);
    await page.getByRole('button', { name: 'Rotate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
    const row = (one: Sshd) => page.getByRole('row', { name: nameOf(one) });
    await row(host).getByText('done').waitFor();
    await row(silent).getByText('HOST_UNREACHABLE').waitFor();
    expect(await host.log()).toContain('Accepted publickey');

    // What is stuck is first on the overview, with the advice of the API.
    await page.getByRole('link', { name: 'Overview' }).click();
    const stuck = page.getByRole('region', { name: 'Needs somebody' });
    await stuck.getByText('See to the others, or waive them.').waitFor();
    await stuck.getByText(`${nameOf(silent)} (HOST_UNREACHABLE)`).waitFor();
    await page.getByRole('list', { name: 'What holds things up' }).getByText('HOST_UNREACHABLE').waitFor();
    await page.getByRole('list', { name: 'Rotations under way' }).getByRole('link', { name: 'rotated' }).click();

    await page.getByRole('button', { name: `Waive ${nameOf(silent)}` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('It is switched off for good');
    await dialog.getByRole('button', { name: 'Waive' }).click();
    await row(silent).getByText('waived').waitFor();
    await page.locator('li[aria-current=step]').getByText('counts').waitFor();

    await page.getByRole('link', { name: /rotated$/ }).click();
    await page.getByText('It is switched off for good').first().waitFor();
    expect(faults).toEqual([]);

    // Neither key was anywhere in the page, in what it keeps, or in what it was sent.
    const keys = [before, await scene.stored('rotated')];
    const everything = [await page.content(), ...traffic, ...kept].join('\n');
    expect(keys[0]).not.toBe(keys[1]);
    expect(everything).not.toContain('PRIVATE KEY');
    for (const key of keys) {
      const lines = key.split('\n').filter((line) => /^[\w+/=]{40,}$/.test(line));
      expect(lines.length).toBeGreaterThan(10);
      for (const line of lines) expect(everything.includes(line)).toBe(false);
    }
  });

  it('is cancelled after a question', async () => {
    await scene.vend('cancelled', {
      hosts: [{ host: '127.0.0.1', port: silent.port, user: 'nobody', hostKeys: silent.hostKeys.fingerprints }],
    });
    const { page, faults } = await scene.as('operator', `/key-pairs/ecs/${region}/default/cancelled`);
    await page.getByRole('button', { name: 'Rotate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
    await page.getByRole('row', { name: 'nobody@127.0.0.1' }).getByText('HOST_UNREACHABLE').waitFor();
    await page.getByRole('button', { name: 'Cancel the rotation' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the rotation' }).click();
    await page
      .locator('h1 + .badge')
      .getByText(/cancelled|being cancelled/)
      .waitFor();
    expect(faults).toEqual([]);
  });
});
