// What instances hold on to, in the portal: old pairs that linger, and key pairs that are not to be retired unseen.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { noBrowser } from './browser.ts';
import { type PortalScene, portalScene, region } from './scene.ts';

const missing = noBrowser();
let scene: PortalScene;
beforeAll(async () => {
  if (missing) return;
  // What was signed for a pair arrives no more after seconds, so that an old one is looked at while a test waits.
  scene = await portalScene({
    ...{ KEYVEND_LEASE_MS: '6000', KEYVEND_TAKE_OVER_MS: '100', KEYVEND_ABSENT_TWICE_MS: '100' },
    ...{ KEYVEND_ALIBABA_WINDOW_MS: '2000', KEYVEND_TENCENT_WINDOW_MS: '2000', KEYVEND_HORIZON_MS: '4000' },
  });
}, 60_000);
beforeEach((context) => {
  if (missing) context.skip(missing);
});
afterAll(() => scene?.stop());

const place = (name: string) => `/key-pairs/ecs/${region}/default/${name}`;
const read = async (name: string) => (await scene.ask('GET', `/v1/ecs/key-pairs/${name}?region=${region}`)).body;
const launch = (name: string) =>
  scene.stack.clouds.admin!.fleet.addInstance({ service: 'ecs', region, name: 'web-1', keyPair: name });

describe('an instance', { timeout: 60_000 }, () => {
  it('that holds an old pair is named, and lets it go once somebody who sees which says so', async () => {
    await scene.vend('held', { overlapDays: 0 });
    const { id } = await launch('held');
    await scene.ask('POST', `/v1/ecs/key-pairs/held/rotations?region=${region}`);
    await vi.waitUntil(async () => (await read('held')).lingering !== undefined, { timeout: 40_000, interval: 200 });

    const { page, faults } = await scene.as('operator', '/');
    const stuck = page.getByRole('region', { name: 'Needs somebody' });
    await stuck.getByText('an old pair is held by instances').waitFor();
    await stuck.getByRole('link').first().click();
    const section = page.getByRole('region', { name: 'Old pairs that the cloud does not let go' });
    await section.getByText(id).waitFor();
    await section.getByRole('button', { name: 'Release' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(id).waitFor();
    await dialog.getByRole('button', { name: 'Release' }).click();
    await dialog.waitFor({ state: 'detached' });
    await vi.waitUntil(async () => (await read('held')).lingering === undefined, { timeout: 40_000, interval: 200 });
    expect(faults).toEqual([]);
  });

  it('keeps its key pair from being retired, unless somebody says so', async () => {
    await scene.vend('busy');
    await launch('busy');
    const { page, faults } = await scene.as('operator', place('busy'), { expected: /status of 409/ });
    await page.getByRole('button', { name: 'Retire' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Retire' }).click();
    await dialog.getByRole('alert').getByText('KEY_PAIR_IN_USE').waitFor();
    expect((await read('busy')).state).toBe('active');
    await dialog.getByLabel('Even if instances have it').check();
    await dialog.getByRole('button', { name: 'Retire' }).click();
    await page.getByRole('button', { name: 'Restore' }).waitFor();
    expect(faults).toEqual([]);
  });
});
