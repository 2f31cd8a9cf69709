// The portal for everybody: by keyboard and screen reader, in both themes, in three languages and on a narrow screen.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { noBrowser } from './browser.ts';
import { type PortalScene, portalScene, region } from './scene.ts';

const missing = noBrowser();
let scene: PortalScene;
const pair = `/key-pairs/ecs/${region}/default/look-1`;
beforeAll(async () => {
  if (missing) return;
  scene = await portalScene();
  // Nobody listens there, so that its rotation waits.
  const hosts = [{ host: '127.0.0.1', port: 1, user: 'deploy', hostKeys: [`SHA256:${'a'.repeat(43)}`] }];
  await scene.vend('look-1', { hosts, maxAgeDays: 30 });
  await scene.vend('look-2');
  const { body } = await scene.ask('POST', `/v1/ecs/key-pairs/look-1/rotations?region=${region}`);
  const seen = async () =>
    JSON.stringify((await scene.ask('GET', `/v1/ecs/key-pairs/look-1/rotations/${body.id}?region=${region}`)).body);
  await vi.waitUntil(async () => (await seen()).includes('HOST_UNREACHABLE'), { timeout: 20_000 });
  places.push(`${pair}/rotations/${body.id}`);
}, 60_000);
beforeEach((context) => {
  if (missing) context.skip(missing);
});
afterAll(() => scene?.stop());

const places = ['/', '/key-pairs', '/key-pairs?name=nothing-like-it', '/vend', pair, '/why?name=web', '/no-such-page'];
const settled = async (page: Page) => {
  await page.locator('h1').waitFor();
  await expect.poll(() => page.locator('.loading').count()).toBe(0);
};

describe('the portal', () => {
  it.each(['light', 'dark'] as const)(
    'has nothing that axe would have otherwise, on any page, in %s',
    async (theme) => {
      const { page, faults } = await scene.as('operator', '/', { theme });
      for (const place of places) {
        await page.goto(`${scene.url}#${place}`);
        await settled(page);
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${place} ${id} ${nodes[0]?.html}`)).toEqual([]);
      }
      await page.goto(`${scene.url}#/key-pairs/ecs/${region}/default/look-2`);
      await page.getByRole('button', { name: 'Retire' }).click();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `dialog ${id} ${nodes[0]?.html}`)).toEqual([]);
      expect(faults).toEqual([]);
    },
  );

  it('keeps the theme that was chosen, and the language, and nothing else', async () => {
    const { page } = await scene.as('operator', '/vend');
    await page.getByLabel('Theme').selectOption('dark');
    const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const dark = await ground();
    await page.getByLabel('Language').selectOption('de');
    await page.getByRole('heading', { name: 'Neues Schlüsselpaar' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Neues Schlüsselpaar' }).waitFor();
    expect(await ground()).toBe(dark);
    expect(await page.evaluate('Object.keys(localStorage).sort()')).toEqual(['keyvend.language', 'keyvend.theme']);
    await page.getByLabel('Farben').selectOption('light');
    expect(await ground()).not.toBe(dark);
  });

  it('speaks the language of the browser where it can, with its dates and numbers', async () => {
    const { page, faults } = await scene.as('operator', '/key-pairs', { locale: 'zh-CN' });
    await page.getByRole('heading', { name: '密钥对' }).waitFor();
    await page.getByText('2 个密钥对').first().waitFor();
    expect(await page.evaluate('document.documentElement.lang')).toBe('zh');
    expect(faults).toEqual([]);
  });

  it('does everything by keyboard: what has the focus is seen, and a page that is come to is heard', async () => {
    const { page } = await scene.as('operator', '/key-pairs');
    await settled(page);
    const focused = () =>
      page.evaluate('[document.activeElement.tagName, document.activeElement.textContent.trim()].join(" ")');
    expect(await focused()).toBe('H1 Key pairs');
    await page.getByRole('link', { name: 'Overview' }).focus();
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('A Key pairs');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(focused).toBe('H1 New key pair');
    await page.keyboard.press('Tab');
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    expect(outline).toBe('solid');
  });

  it.each(['en-GB', 'de-DE', 'zh-CN'])('fits a narrow screen, in %s: nothing is wider than it', async (locale) => {
    const { page } = await scene.as('operator', '/', { locale, size: { width: 360, height: 740 } });
    for (const place of places) {
      await page.goto(`${scene.url}#${place}`);
      await settled(page);
      expect(await page.evaluate('document.documentElement.scrollWidth'), place).toBeLessThanOrEqual(360);
    }
  });

  it('says what it found to whoever listens', async () => {
    const { page } = await scene.as('operator', '/key-pairs?name=look-');
    await expect.poll(() => page.locator('[aria-live=polite]').textContent()).toBe('2 key pairs');
  });
});
