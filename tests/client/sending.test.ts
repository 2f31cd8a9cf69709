// When the client sends a call again, how long it waits, and what stays the same. Time and network are passed in.
import { describe, expect, it } from 'vitest';
import { createClient, type KeyvendError } from '../../client/index.ts';

interface Said {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}
const problem = (status: number, code: string, retryAfter?: number): Said => ({
  status,
  headers: {
    'content-type': 'application/problem+json',
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
  },
  body: { type: `urn:keyvend:error:${code}`, title: code, status, detail: 'What to do.', code },
});
const made: Said = { status: 201, body: { keyPairId: 'ssh-1', fingerprint: 'aa' } };

function scripted(...answers: readonly (Said | Error)[]) {
  const sent: Request[] = [];
  const waits: number[] = [];
  const left = [...answers];
  const client = createClient({
    url: 'https://keyvend.example.com/base/',
    token: () => `token-${sent.length}`,
    wait: async (ms) => void waits.push(ms),
    fetch: async (input, init) => {
      sent.push(new Request(input as URL, init));
      const next = left.shift();
      if (next === undefined || next instanceof Error) throw next ?? new TypeError('nothing left to answer');
      return new Response(JSON.stringify(next.body ?? {}), {
        status: next.status,
        ...(next.headers && { headers: next.headers }),
      });
    },
  });
  return { client, sent, waits };
}
const web = { provider: 'ecs', region: 'cn-hangzhou', name: 'web:prod' } as const;
const codeOf = (failing: Promise<unknown>) =>
  failing.then(
    () => 'none',
    (error: KeyvendError) => error.code,
  );

describe('a call of the client', () => {
  it('goes to its path below the address, with a token and nothing of the browser’s', async () => {
    const { client, sent } = scripted({ status: 200, body: {} });
    await client.read({ ...web, account: 'other' });
    const [{ url, method, headers, credentials, redirect }] = sent as [Request];
    expect([method, url]).toEqual([
      'GET',
      'https://keyvend.example.com/base/v1/ecs/key-pairs/web%3Aprod?region=cn-hangzhou&account=other',
    ]);
    expect([headers.get('authorization'), credentials, redirect]).toEqual(['Bearer token-0', 'omit', 'error']);
  });

  it('is sent again as the API says, with another token and the same key', async () => {
    const { client, sent, waits } = scripted(
      problem(503, 'THROTTLED', 2),
      problem(409, 'IN_PROGRESS', 5),
      problem(429, 'RATE_LIMITED', 1),
      made,
    );
    expect(await client.vend(web)).toEqual({ keyPairId: 'ssh-1', fingerprint: 'aa', created: true });
    expect(waits).toEqual([2_000, 5_000, 1_000]);
    expect(new Set(sent.map(({ headers }) => headers.get('idempotency-key'))).size).toBe(1);
    expect(sent[0]!.headers.get('idempotency-key')).toMatch(/^[0-9a-f-]{36}$/);
    expect(sent.map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer token-0',
      'Bearer token-1',
      'Bearer token-2',
      'Bearer token-3',
    ]);
    expect(await sent[3]!.json()).toEqual({ region: 'cn-hangzhou', name: 'web:prod' });
  });

  it('is sent again after no answer, each time later', async () => {
    const { client, waits } = scripted(
      new TypeError('fetch failed'),
      new TypeError('fetch failed'),
      { status: 502, body: {} },
      made,
    );
    await client.vend(web);
    expect(waits).toEqual([500, 1_000, 2_000]);
  });

  it('is not sent again for what does not pass, and no more than four times in all', async () => {
    for (const refused of [
      problem(400, 'NAME_INVALID'),
      problem(403, 'FORBIDDEN'),
      problem(409, 'NAME_TAKEN'),
      problem(502, 'CLOUD_REFUSED'),
      problem(500, 'INTERNAL'),
    ]) {
      const { client, sent } = scripted(refused, made);
      expect(await codeOf(client.vend(web))).toBe((refused.body as { code: string }).code);
      expect(sent).toHaveLength(1);
    }
    const { client, sent } = scripted(...Array.from({ length: 9 }, () => problem(503, 'STORE_UNAVAILABLE')));
    expect(await codeOf(client.vend(web))).toBe('STORE_UNAVAILABLE');
    expect(sent).toHaveLength(4);
  });

  it('is not waited for longer than half a minute', async () => {
    const { client, waits } = scripted(problem(409, 'IN_PROGRESS', 60), made);
    const failure = await client.vend(web).catch((error: KeyvendError) => error);
    expect(failure).toMatchObject({ code: 'IN_PROGRESS', retryAfterMs: 60_000, problem: { status: 409 } });
    expect(waits).toEqual([]);
  });

  it('says what is close to its quota', async () => {
    const { client } = scripted({ ...made, status: 200, headers: { 'key-pair-usage': 'used=460, limit=500' } });
    expect(await client.vend(web)).toMatchObject({ created: false, usage: { used: 460, limit: 500 } });
  });

  it('ends when it is told to, whatever it waits for', async () => {
    const ended = new AbortController();
    const client = createClient({
      url: 'https://keyvend.example.com',
      token: () => 'x',
      fetch: async () => new Response('{}', { status: 503, headers: { 'retry-after': '20' } }),
    });
    const call = client.vend(web, { signal: ended.signal });
    ended.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
  });

  it('fails by the status where something in front of keyvend answered', async () => {
    const { client } = scripted({ status: 404, body: { message: 'Not Found' } });
    await expect(client.me()).rejects.toMatchObject({ code: 'HTTP_404', status: 404, problem: undefined });
  });

  it('waits for a rotation until it has come so far, and no longer where it will not', async () => {
    const rotation = (state: string, more = {}) => ({ status: 200, body: { id: 'r', state, hosts: [], ...more } });
    const states: string[] = [];
    const { client } = scripted(rotation('staged'), rotation('staged'), rotation('promoted'));
    await client.waitFor(web, 'r', { onChange: ({ state }) => states.push(state) });
    expect(states).toEqual(['staged', 'promoted']);
    const ends = [
      [rotation('cancelled'), 'ROTATION_CANCELLED'],
      [
        rotation('staged', { stalledAt: '2026-01-01T00:00:00Z', lastError: { code: 'X', detail: 'Why.', at: '' } }),
        'ROTATION_STALLED',
      ],
    ] as const;
    for (const [end, code] of ends) expect(await codeOf(scripted(end).client.waitFor(web, 'r'))).toBe(code);
    expect((await scripted(rotation('purged')).client.waitFor(web, 'r', { until: 'old-key-removed' })).state).toBe(
      'purged',
    );
  });
});
