// The portal of a stack on this machine in a real browser, for people of the example's access document.
import { rm } from 'node:fs/promises';
import type { Identity } from '../../lib/identity.ts';
import { readersStore } from '../../lib/platforms/readers-store.ts';
import { type HastyStack, startHastyStack } from '../stack/hasty-stack.ts';
import { launch } from './browser.ts';
import { buildPage } from './build-page.ts';
import { type Watched, watchedPage } from './watched-page.ts';

export const region = 'cn-hangzhou';

export interface PortalScene extends Pick<HastyStack, 'ask' | 'stack'> {
  readonly url: string;
  /** A page in a browser that knows nothing yet, at the issuer's question. */
  visit(options?: Visit): Promise<Watched>;
  /** The same, signed in. @param place within the page */
  as(person: string, place?: string, options?: Visit): Promise<Watched>;
  vend(name: string, policy?: object): Promise<void>;
  /** A private key as it is stored. */
  stored(name: string): Promise<string>;
  stop(): Promise<void>;
}
export interface Visit {
  readonly theme?: 'light' | 'dark';
  readonly locale?: string;
  readonly size?: { readonly width: number; readonly height: number };
  /** What the console may say. */
  readonly expected?: RegExp;
}

/** A browser and a stack share the machine: what waits for either is not late. */
const unhurried = {
  KEYVEND_LEASE_MS: '35000',
  KEYVEND_ALIBABA_WINDOW_MS: '60000',
  KEYVEND_TENCENT_WINDOW_MS: '60000',
  KEYVEND_HORIZON_MS: '120000',
};

/** @param over further environment variables of the stack */
export async function portalScene(over: Readonly<Record<string, string>> = {}): Promise<PortalScene> {
  const folder = await buildPage();
  const [browser, hasty] = await Promise.all([
    launch(),
    startHastyStack({ ...unhurried, ...over }, { portal: folder }),
  ]);
  const { stack, ask } = hasty;
  const url = `${stack.endpoint}/portal/`;

  async function visit({
    theme = 'light',
    locale = 'en-GB',
    size = { width: 1280, height: 860 },
    expected,
  }: Visit = {}) {
    const context = await browser.newContext({
      colorScheme: theme,
      locale,
      viewport: size,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(20_000);
    return watchedPage(context, (asked) => asked.startsWith(stack.issuer), expected);
  }
  return {
    ...{ stack, ask, url, visit },
    async as(person, place = '/', options = {}) {
      const watched = await visit(options);
      await watched.page.goto(`${url}#${place}`);
      await watched.page.getByRole('button', { name: person }).click();
      await watched.page.locator('h1').waitFor();
      return watched;
    },
    async vend(name, policy) {
      const made = await ask('POST', '/v1/ecs/key-pairs', { name, region });
      if (made.status !== 201) throw new Error(JSON.stringify(made.body));
      if (policy) await ask('PUT', `/v1/ecs/key-pairs/${name}/policy?region=${region}`, policy);
    },
    async stored(name) {
      const identity: Identity = { provider: 'ecs', account: 'default', region, name };
      const store = await readersStore({ KEYVEND_HOME: hasty.home });
      const key = await store.reveal(identity);
      await store.close();
      return key?.reveal() ?? '';
    },
    async stop() {
      await browser.close();
      await hasty.stop();
      await rm(folder, { recursive: true });
    },
  };
}
