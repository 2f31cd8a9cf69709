// Everything that can go wrong for a caller, over HTTP: each has its own code, and says what to do.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FailureCode } from '../../lib/errors.ts';
import { failures } from '../../lib/errors.ts';
import type { Fault } from '../../local/clouds/faults/fault.ts';
import { type Stack, startStack } from '../../local/stack/stack.ts';

let stack: Stack;
let home: string;
beforeAll(async () => {
  process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
  home = await mkdtemp(join(tmpdir(), 'keyvend-errors-'));
  stack = await startStack({ port: 0, cloudsPort: 0, home });
});
afterAll(async () => {
  await stack.stop();
  await rm(home, { recursive: true });
});
beforeEach(() => stack.clouds.admin!.clearFaults());

let names = 0;
const fresh = () => `web_${++names}`;
const ecs = (over: object = {}) => ({ name: fresh(), region: 'cn-hangzhou', ...over });

async function post(provider: string, body: object, headers: Record<string, string> = {}) {
  const answer = await fetch(`${stack.endpoint}/v1/${provider}/key-pairs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
}
/** Asks while something goes wrong. */
const under = (how: Fault, ask: () => ReturnType<typeof post>, action?: string) => {
  fault(how, action);
  return ask();
};
const fault = (how: Fault, action = 'CreateKeyPair') =>
  void stack.clouds.admin!.addFault({ match: { action }, fault: how });

describe('an answer over HTTP', () => {
  it.each<[string, FailureCode, () => Promise<unknown>]>([
    ['chose a bad name', 'NAME_INVALID', () => post('ecs', ecs({ name: '-' }))],
    ['sends an unknown field', 'FIELD_UNKNOWN', () => post('ecs', ecs({ colour: 'red' }))],
    ['names no region', 'INVALID_REQUEST', () => post('ecs', { name: fresh() })],
    ['names a region that does not exist', 'REGION_UNKNOWN', () => post('ecs', ecs({ region: 'xx-nowhere-9' }))],
    ['names an account that does not exist', 'ACCOUNT_UNKNOWN', () => post('ecs', ecs({ account: 'prod' }))],
    [
      'names a project that does not exist',
      'PROJECT_UNKNOWN',
      () => post('cvm', { name: fresh(), region: 'ap-tokyo', projectId: 9 }),
    ],
    [
      'wants a name that somebody else has',
      'NAME_TAKEN',
      async () => {
        const body = ecs();
        await stack.clouds.admin!.addStranger({ service: 'ecs', region: body.region, name: body.name });
        return post('ecs', body);
      },
    ],
    [
      'wants another key pair of the same name',
      'DIFFERENT_REQUEST',
      async () => {
        const body = ecs();
        await post('ecs', body);
        return post('ecs', { ...body, tags: { team: 'other' } });
      },
    ],
    [
      'asks again while the first request is on its way',
      'IN_PROGRESS',
      async () => {
        const body = ecs();
        fault({ kind: 'delay', delayMs: 400 });
        const first = post('ecs', body);
        for (;;) {
          const answer = await post('ecs', body);
          if (answer.body.code !== undefined) return first.then(() => answer);
        }
      },
    ],
    [
      'has too many key pairs',
      'QUOTA_REACHED',
      () => under({ kind: 'refuse', code: 'QuotaExceed.KeyPair' }, () => post('ecs', ecs())),
    ],
    ['asks too fast', 'THROTTLED', () => under({ kind: 'throttle', retryAfterMs: 1_500 }, () => post('ecs', ecs()))],
    [
      'asks while keyvend has no permission',
      'PERMISSION_DENIED',
      () => under({ kind: 'refuse', code: 'Forbidden.RAM', status: 403, message: 'm' }, () => post('ecs', ecs())),
    ],
    [
      'asks while the cloud cannot be read',
      'CLOUD_UNREACHABLE',
      () => under({ kind: 'drop', when: 'before-commit' }, () => post('ens', { name: fresh() }), 'DescribeKeyPairs'),
    ],
    [
      'asks while the cloud answers in HTML',
      'OUTCOME_UNKNOWN',
      () => under({ kind: 'server-error', when: 'before-commit' }, () => post('ecs', ecs())),
    ],
    ['brings no token', 'TOKEN_MISSING', () => post('ecs', ecs(), { authorization: '' })],
    ['brings a malformed token', 'TOKEN_REFUSED', () => post('ecs', ecs(), { authorization: 'Bearer a.b.c' })],
    ['sends a form', 'MEDIA_TYPE', () => post('ecs', ecs(), { 'content-type': 'application/x-www-form-urlencoded' })],
    ['sends too much', 'TOO_LARGE', () => post('ecs', ecs({ tags: { team: 'x'.repeat(17_000) } }))],
    [
      'uses an Idempotency-Key for two requests',
      'KEY_REUSED',
      async () => {
        const headers = { 'idempotency-key': '"once"' };
        expect((await post('ecs', ecs(), headers)).status).toBe(201);
        return post('ecs', ecs(), headers);
      },
    ],
  ])('a caller who %s is told %s', async (_, code, act) => {
    const { status, headers, body } = (await act()) as Awaited<ReturnType<typeof post>>;
    expect(body).toMatchObject({ code, status: failures[code].status });
    expect(status).toBe(failures[code].status);
    expect(body.detail).toContain(failures[code].next);
    expect(headers.get('content-type')).toBe('application/problem+json');
    if (status === 401) expect(headers.get('www-authenticate')).toMatch(/^Bearer( error="invalid_token", |$)/);
    if (code === 'IN_PROGRESS' || code === 'THROTTLED') expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('a caller who sends the same Idempotency-Key with the same body again gets the same answer', async () => {
    const [body, headers] = [ecs(), { 'idempotency-key': 'again' }];
    const first = await post('ecs', body, headers);
    const second = await post('ecs', body, headers);
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body).toEqual(first.body);
  });

  it('a caller who was told that nothing is known may simply ask again, and gets one pair', async () => {
    const body = ecs();
    fault({ kind: 'drop', when: 'after-commit' });
    expect((await post('ecs', body)).body.code).toBe('OUTCOME_UNKNOWN');
    expect((await post('ecs', body)).status).toBe(201);
    expect(stack.clouds.admin!.pairs('ecs').filter(({ name }) => name === body.name)).toHaveLength(1);
  });
});
