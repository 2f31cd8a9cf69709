// Signing in at the issuer of `npm start`, as a browser and as a program does it; the functions take what it issues.
import { createHash, randomBytes } from 'node:crypto';
import { get, request as httpRequest } from 'node:http';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HastyStack, startHastyStack } from '../stack/hasty-stack.ts';

let hasty: HastyStack;
let issuer: string;
let portal: string;
beforeAll(async () => {
  hasty = await startHastyStack();
  issuer = hasty.stack.issuer;
  portal = `${hasty.stack.endpoint}/portal/`;
});
afterAll(() => hasty.stop());

interface Page {
  readonly status: number;
  readonly location?: string;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** As much of a browser as signing in takes: cookies, forms of a page, and what it says of where a request comes from. */
function browser() {
  const cookies = new Map<string, string>();
  const ask = (url: string, { form, headers = {} }: { form?: object; headers?: Record<string, string> } = {}) =>
    new Promise<Page>((resolve, reject) => {
      const body = form && new URLSearchParams({ ...form }).toString();
      const type = { 'content-type': 'application/x-www-form-urlencoded', origin: new URL(url).origin };
      const sent = { cookie: [...cookies].map((pair) => pair.join('=')).join('; '), ...(form && type), ...headers };
      const asked = httpRequest(url, { method: form ? 'POST' : 'GET', headers: sent }, async (answer) => {
        for (const set of answer.headers['set-cookie'] ?? []) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
          if (value === '') cookies.delete(name);
          else cookies.set(name, value);
        }
        let text = '';
        for await (const chunk of answer) text += chunk;
        const { location } = answer.headers;
        resolve({
          ...{ status: answer.statusCode!, text, headers: answer.headers },
          ...(location && { location: new URL(location, url).href }),
        });
      });
      asked.on('error', reject);
      asked.end(body);
    });
  /** On this issuer; where it leads elsewhere, that is told. */
  async function follow(page: Page): Promise<Page> {
    const leads = page.location;
    return leads?.startsWith(issuer) ? follow(await ask(leads)) : page;
  }
  const fields = (page: Page) =>
    Object.fromEntries(
      [...page.text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, n, v]) => [n!, v!]),
    );
  const action = (page: Page) => new URL(/action="([^"]+)"/.exec(page.text)?.[1] ?? '', issuer).href;
  return {
    ask,
    follow,
    submit: async (page: Page, more: object = {}) =>
      follow(await ask(action(page), { form: { ...fields(page), ...more } })),
  };
}

const pkce = () => {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
};
const authorizeAt = (parameters: Record<string, string>) => `${issuer}/auth?${new URLSearchParams(parameters)}`;
const asked = (client: string, back: string, challenge: string) => ({
  ...{ client_id: client, redirect_uri: back, response_type: 'code', scope: 'openid', state: 's1', nonce: 'n1' },
  ...{ code_challenge: challenge, code_challenge_method: 'S256' },
});
const exchange = async (form: Record<string, string>, headers: Record<string, string> = {}) => {
  const answer = await fetch(`${issuer}/token`, { method: 'POST', body: new URLSearchParams(form), headers });
  return { answer, body: (await answer.json()) as Record<string, string> };
};
const listed = (token: string) =>
  fetch(`${hasty.stack.endpoint}/v1/key-pairs`, { headers: { authorization: `Bearer ${token}` } });

async function signedIn(client: string, back: string, as: string) {
  const { verifier, challenge } = pkce();
  const user = browser();
  const page = await user.follow(await user.ask(authorizeAt(asked(client, back, challenge))));
  const returned = await user.submit(page, { as });
  const url = new URL(returned.location ?? 'about:blank');
  const form = { grant_type: 'authorization_code', client_id: client, redirect_uri: back, code_verifier: verifier };
  return { page, url, form: { ...form, code: url.searchParams.get('code') ?? '' }, user };
}

describe('the portal', () => {
  it('signs a person in by a code, and its token is one that the functions take', async () => {
    const { url, form } = await signedIn('keyvend-portal', portal, 'team-a');
    expect(`${url.origin}${url.pathname}`).toBe(portal);
    expect(url.searchParams.get('state')).toBe('s1');
    const { answer, body } = await exchange(form, { origin: hasty.stack.endpoint });
    expect(answer.headers.get('access-control-allow-origin')).toBe(hasty.stack.endpoint);
    expect(decodeJwt(body.access_token!)).toMatchObject({
      iss: 'urn:keyvend:local',
      aud: 'keyvend',
      sub: 'team-a',
      groups: ['team-a'],
      azp: 'keyvend-portal',
    });
    expect(decodeJwt(body.id_token!)).toMatchObject({ iss: issuer, aud: 'keyvend-portal', nonce: 'n1' });
    expect((await listed(body.access_token!)).status).toBe(200);
    expect((await listed(body.id_token!)).status).toBe(401);
  });

  it('signs in again without a question while the session at the issuer lasts', async () => {
    const { user } = await signedIn('keyvend-portal', portal, 'auditor');
    const again = await user.follow(await user.ask(authorizeAt(asked('keyvend-portal', portal, pkce().challenge))));
    expect(again.location).toContain(`${portal}?code=`);
  });

  it.each([
    ['without PKCE', { code_challenge: '', code_challenge_method: '' }, 'error=invalid_request'],
    ['to an address that is not its own', { redirect_uri: 'http://127.0.0.1:9/portal/' }, 'redirect_uri'],
  ])('is refused %s', async (_, over, says) => {
    const parameters = { ...asked('keyvend-portal', portal, pkce().challenge), ...over };
    const kept = Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== ''));
    const page = await browser().ask(authorizeAt(kept));
    expect(`${page.location ?? ''} ${page.text}`).toContain(says);
    expect(page.location ?? '').not.toContain('code=');
  });

  it('asks who one is on a page that loads and runs nothing from elsewhere', async () => {
    const { page } = await signedIn('keyvend-portal', portal, 'operator');
    expect(page.text).not.toMatch(/<script|https?:/);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.text).toContain('value="team-a"');
  });
});

describe('the command line', () => {
  it('signs in by any port of loopback, and renews its token', async () => {
    const back = 'http://127.0.0.1:49152/callback';
    const { url, form } = await signedIn('keyvend-cli', back, 'operator');
    expect(`${url.origin}${url.pathname}`).toBe(back);
    const { body } = await exchange(form);
    expect((await listed(body.access_token!)).status).toBe(200);
    const renewed = await exchange({
      grant_type: 'refresh_token',
      client_id: 'keyvend-cli',
      refresh_token: body.refresh_token!,
    });
    expect((await listed(renewed.body.access_token!)).status).toBe(200);
  });

  it('signs in by a code that is typed elsewhere', async () => {
    const client_id = 'keyvend-cli';
    const asks = await fetch(`${issuer}/device/auth`, {
      method: 'POST',
      body: new URLSearchParams({ client_id, scope: 'openid' }),
    });
    const device = (await asks.json()) as Record<string, string>;
    const form = {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      client_id,
      device_code: device.device_code!,
    };
    expect((await exchange(form)).body.error).toBe('authorization_pending');
    const user = browser();
    let page = await user.follow(await user.ask(device.verification_uri!));
    page = await user.submit(page, { user_code: device.user_code! });
    expect(page.text).toContain(device.user_code);
    page = await user.submit(page);
    page = await user.submit(page, { as: 'team-a' });
    expect(page.text).toContain('Signed in');
    const { body } = await exchange(form);
    expect(decodeJwt(body.access_token!)).toMatchObject({ sub: 'team-a', azp: 'keyvend-cli' });
    expect((await listed(body.access_token!)).status).toBe(200);
  });
});

describe('the issuer', () => {
  const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  const status = (path: string, headers: Record<string, string>, at = issuer) =>
    new Promise<number>((resolve, reject) => {
      get(`${at}${path}`, { headers }, (answer) => resolve(answer.resume().statusCode!)).on('error', reject);
    });

  it('is gone to from a page on another port of this machine, and by no other way', async () => {
    const path = authorizeAt(asked('keyvend-portal', portal, pkce().challenge)).slice(issuer.length);
    const sameSite = { 'sec-fetch-site': 'same-site' };
    expect(await status(path, { ...sameSite, ...navigation })).toBe(303);
    expect(await status(path, { ...sameSite, ...navigation, 'sec-fetch-dest': 'iframe' })).toBe(403);
    expect(await status(path, { ...sameSite, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' })).toBe(403);
    expect(await status(path, { 'sec-fetch-site': 'cross-site', ...navigation })).toBe(403);
    expect(await status('/device', { ...sameSite, ...navigation })).toBe(403);
  });

  it('is come back from to the page of the portal, and to nothing else there', async () => {
    const back = { 'sec-fetch-site': 'same-site', ...navigation };
    const { endpoint } = hasty.stack;
    expect(await status('/portal/?code=x&state=y', back, endpoint)).not.toBe(403);
    expect(await status('/portal/?code=x&state=y', { ...back, 'sec-fetch-dest': 'iframe' }, endpoint)).toBe(403);
    expect(await status('/portal/config.json', back, endpoint)).toBe(403);
    expect(await status('/v1/key-pairs', back, endpoint)).toBe(403);
    expect(await status('/portal/', { 'sec-fetch-site': 'cross-site', ...navigation }, endpoint)).toBe(403);
  });

  it('tells the portal what it is, and no other page', async () => {
    const path = '/.well-known/openid-configuration';
    const sameSite = { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' };
    expect(await status(path, { ...sameSite, origin: hasty.stack.endpoint })).toBe(200);
    expect(await status(path, { ...sameSite, origin: 'http://127.0.0.1:9' })).toBe(403);
    expect(await status('/jwks', { ...sameSite, origin: hasty.stack.endpoint })).toBe(403);
  });

  it('takes no form of a page elsewhere', async () => {
    const form = { grant_type: 'authorization_code', client_id: 'keyvend-portal', code: 'x' };
    const { page } = await signedIn('keyvend-portal', portal, 'operator');
    const interaction = /action="([^"]+)"/.exec(page.text)?.[1];
    for (const url of [`${issuer}/token`, `${issuer}${interaction}`]) {
      const answer = await browser().ask(url, { form, headers: { origin: 'http://127.0.0.1:9' } });
      expect(answer.status, url).toBe(403);
    }
  });
});
