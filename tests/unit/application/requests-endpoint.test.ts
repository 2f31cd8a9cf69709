// Requests that are filed for later, over HTTP as a caller sees them: against a real inbox, and a ledger in memory.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { accessFrom } from '../../../lib/access/access.ts';
import { compile } from '../../../lib/access/compile.ts';
import type { TokenHolder } from '../../../lib/access/principal.ts';
import { respond } from '../../../lib/application/http.ts';
import type { Message } from '../../../lib/application/messages.ts';
import { requestQueue, requests } from '../../../lib/application/requests-endpoint.ts';
import type { Records } from '../../../lib/application/runtime.ts';
import { FiledAnswer, FiledRequest } from '../../../lib/contract/filed-request.ts';
import { sqliteInbox } from '../../../lib/inbox/sqlite/sqlite-inbox.ts';
import { takeBatch } from '../../../lib/platforms/serve/queue.ts';
import { numbers } from '../../conformance/inbox-contract.ts';
import { memoryLedger } from '../../doubles/memory-ledger.ts';
import { testClock } from '../../doubles/test-clock.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

const holder = (sub: string): TokenHolder => ({
  ...{ kind: 'token', id: `issuer default, subject ${sub}`, issuer: 'default' },
  claims: { sub },
});
const granted = (subject: string, right: string) => ({
  id: subject,
  who: { issuer: 'default', subject },
  may: [right],
  on: { provider: 'any', account: 'any', region: 'any', name: ['team-*'] },
});
/** `ci` may vend and `auditor` may read what is called team-*; nobody else may do anything. */
const document = {
  version: 1,
  issuers: { default: {} },
  grants: [granted('ci', 'vend'), granted('auditor', 'read')],
};

async function started() {
  const folder = mkdtempSync(join(tmpdir(), 'keyvend-requests-'));
  cleanUp.push(() => rmSync(folder, { recursive: true }));
  const clock = testClock();
  const inbox = await sqliteInbox({ path: join(folder, 'inbox.sqlite'), clock });
  cleanUp.push(() => inbox.close());
  const ledger = memoryLedger({ clock });
  const ids = numbers(9).map((i) => `new-${i}`);
  const runtime = {
    access: accessFrom(JSON.stringify(compile(document).compiled)),
    denials: { note: () => {} },
    ...{ clock, newId: () => ids.pop()!, log: { info: () => {} } },
    settings: { secretTraits: { mostTags: 1, ownKeys: true }, secretTags: { 'cost-center': '1' } },
    ledger: async () => ledger,
  } as unknown as Records;
  const endpoint = requests(runtime, async () => inbox);

  interface Asked {
    readonly method?: string;
    readonly path?: string;
    readonly as?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly query?: string;
  }
  const ask = async ({ method = 'POST', path = '/v1/requests', as = 'ci', headers, body, query }: Asked) => {
    const request = {
      ...{ method, path, query: new URLSearchParams(query), base: '/prod' },
      headers: new Map(Object.entries({ 'content-type': 'application/json', ...headers })),
      body: typeof body === 'string' ? body : JSON.stringify(body ?? ''),
    };
    const around = { verify: async () => holder(as), failed: () => {} };
    const answer = await respond(
      () => request,
      () => 30_000,
      endpoint,
      around,
    );
    return { status: answer.status, headers: answer.headers, body: JSON.parse(answer.body) };
  };
  const look = (id: string, as = 'ci') => ask({ method: 'GET', path: `/v1/requests/${id}`, as });
  const claim = (provider: 'ecs' | 'ens' | 'cvm' = 'ecs') => inbox.claim(requestQueue(provider), 10, 60_000);
  return { inbox, ask, look, claim, clock };
}

const web = { provider: 'ecs', region: 'cn-hangzhou', name: 'team-web' };
const event = { specversion: '1.0', id: 'e-1', source: '/pipelines/7', type: 'keyvend.key-pair.requested' };
const cloudEvents = { 'content-type': 'application/cloudevents+json; charset=utf-8' };

describe('a request that is filed', () => {
  it('waits for the worker of its provider, which is given what was sent and who sent it', async () => {
    const { ask, claim, look } = await started();
    const { status, headers, body } = await ask({ body: web });
    expect([status, FiledAnswer.parse(body)]).toEqual([202, { id: body.id, state: 'waiting' }]);
    expect(headers.location).toBe(`/prod/v1/requests/${body.id}`);
    expect(await claim('ens')).toEqual([]);
    const [claimed] = await claim();
    expect(claimed).toMatchObject({ id: body.id, sender: holder('ci') });
    expect(JSON.parse(claimed!.body)).toEqual(web);
    expect((await look(body.id)).body).toMatchObject({
      state: 'in-hand',
      keyPair: '/v1/ecs/key-pairs/team-web?region=cn-hangzhou',
    });
  });

  it('is refused at once for tags that the store has no room for, and for a key that the grant does not list', async () => {
    const { ask, claim } = await started();
    const many = { ...web, secretTags: { team: 'web' } };
    const pointersOf = async (asked: Parameters<typeof ask>[0]) => {
      const { status, body } = await ask(asked);
      expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
      return body.errors.map(({ pointer }: { pointer: string }) => pointer);
    };
    expect(await pointersOf({ body: many })).toEqual(['#/secretTags']);
    const events = { headers: cloudEvents, body: { ...event, data: many } };
    expect(await pointersOf(events)).toEqual(['#/data/secretTags']);
    expect((await ask({ body: { ...web, secretKey: 'alias/team-web' } })).body).toMatchObject({
      ...{ status: 403, code: 'FORBIDDEN' },
      detail: expect.stringMatching(/^Your grant "ci" does not list .* secretKeys/),
    });
    expect(await claim()).toEqual([]);
    // One in place of the deployment's own takes no more room.
    expect((await ask({ body: { ...web, secretTags: { 'cost-center': '2' } } })).status).toBe(202);
  });

  it('tells its sender, and whoever may read the key pair, what has become of it, and nobody else that it is there', async () => {
    const { ask, claim, look, inbox } = await started();
    const { id } = (await ask({ body: web })).body;
    const [claimed] = await claim();
    await inbox.bury(claimed!, {
      code: 'INVALID_REQUEST',
      reason: 'No.',
      fields: [{ pointer: '#/name', detail: 'is taken' }],
    });
    const seen = await look(id);
    expect(seen.status).toBe(200);
    expect(FiledRequest.parse(seen.body)).toEqual({
      ...{ id, state: 'buried', filedAt: '2026-03-01T12:00:00.000Z' },
      keyPair: '/v1/ecs/key-pairs/team-web?region=cn-hangzhou',
      refusal: { code: 'INVALID_REQUEST', detail: 'No.', errors: [{ pointer: '#/name', detail: 'is taken' }] },
    });
    expect((await look(id, 'auditor')).body).toEqual(seen.body);
    const absent = (await look('nothing', 'stranger')).body;
    expect(absent).toMatchObject({ status: 404, code: 'REQUEST_ABSENT' });
    expect((await look(id, 'stranger')).body).toEqual(absent);
  });

  it('by the same Idempotency-Key is one, whatever has become of it; another request by that key is refused', async () => {
    const { ask, claim, inbox, clock } = await started();
    const headers = { 'idempotency-key': '"k-1"' };
    const first = await ask({ body: web, headers });
    await inbox.done((await claim())[0]!);
    const again = await ask({ body: { ...web, tags: {} }, headers });
    expect([again.status, again.body]).toEqual([202, { id: first.body.id, state: 'done' }]);
    for (const other of [
      { ...web, name: 'team-other' },
      { provider: 'ens', name: 'team-web' },
      { ...web, tags: { a: 'b' } },
    ])
      expect((await ask({ body: other, headers })).body).toMatchObject({ status: 422, code: 'KEY_REUSED' });
    clock.advance(2 * 86_400_000); // a day later the key itself is forgotten, and the request is still known
    const late = await ask({ body: { ...web, name: 'team-other' }, headers });
    expect(late.body).toMatchObject({ status: 422, code: 'KEY_REUSED' });
    expect((await ask({ body: web, headers })).body).toEqual({ id: first.body.id, state: 'done' });
    expect(await claim()).toEqual([]);
    const fresh = await ask({ body: web });
    expect(fresh.body.id).not.toBe(first.body.id);
  });

  it('as a CloudEvent, in either mode, is one for its source and id', async () => {
    const { ask, claim } = await started();
    const structured = await ask({ headers: cloudEvents, body: { ...event, data: web, extension: 'x' } });
    expect(structured.status).toBe(202);
    const binary = Object.fromEntries(
      Object.entries({ ...event, source: '%2Fpipelines%2F7' }).map(([name, value]) => [`ce-${name}`, value]),
    );
    expect((await ask({ headers: binary, body: web })).body).toEqual(structured.body);
    const claimed = await claim();
    expect(claimed.map(({ body }) => JSON.parse(body))).toEqual([web]);
    const reused = await ask({ headers: binary, body: { ...web, name: 'team-other' } });
    expect(reused.body).toMatchObject({ code: 'KEY_REUSED', detail: expect.stringContaining("event's source and id") });
    const other = await ask({ headers: { ...binary, 'ce-id': 'e-2' }, body: web });
    expect(other.body.id).not.toBe(structured.body.id);
  });

  it('is not filed where nobody may vend it, or where it could never succeed', async () => {
    const { ask, inbox } = await started();
    const refusals = [
      [{ body: web, as: 'auditor' }, 403, 'FORBIDDEN', undefined],
      [{ body: { ...web, name: 'other' } }, 403, 'FORBIDDEN', undefined],
      [{ body: { ...web, name: 'no name!' } }, 400, 'NAME_INVALID', ['#/name']],
      [{ body: { provider: 'gcp' } }, 400, 'INVALID_REQUEST', ['#/provider']],
      [{ body: { ...web, size: 1 } }, 400, 'FIELD_UNKNOWN', ['#/size']],
      [{ body: '{"name":1,"name":2}' }, 400, 'INVALID_REQUEST', ['#']],
      [{ body: web, headers: { 'content-type': 'text/plain' } }, 415, 'MEDIA_TYPE', undefined],
      [{ body: web, query: 'a=b' }, 400, 'FIELD_UNKNOWN', ['a']],
      [{ body: web, headers: { 'idempotency-key': '' } }, 400, 'INVALID_REQUEST', undefined],
      [{ headers: cloudEvents, body: { ...event, data: { ...web, size: 1 } } }, 400, 'FIELD_UNKNOWN', ['#/data/size']],
      [{ headers: cloudEvents, body: { ...event, type: 'other', data: web } }, 400, 'INVALID_REQUEST', ['#/type']],
      [{ headers: cloudEvents, body: event }, 400, 'INVALID_REQUEST', ['#/data']],
      [{ headers: { 'ce-id': 'x' }, body: web }, 400, 'INVALID_REQUEST', ['#/specversion', '#/source', '#/type']],
    ] as const;
    for (const [asked, status, code, pointers] of refusals) {
      const { body } = await ask(asked);
      expect(body, JSON.stringify(asked)).toMatchObject({ status, code });
      expect(body.errors?.map(({ pointer, parameter }: Record<string, string>) => pointer ?? parameter)).toEqual(
        pointers,
      );
    }
    expect(await inbox.counts()).toEqual({});
  });

  it('for a key pair comes after those for it that were filed before', async () => {
    const { ask, claim, inbox } = await started();
    const first = (await ask({ body: web })).body.id;
    const second = (await ask({ body: web })).body.id;
    const other = (await ask({ body: { ...web, name: 'team-other' } })).body.id;
    const claimed = await claim();
    expect(claimed.map(({ id }) => id)).toEqual([first, other]);
    await inbox.done(claimed[0]!);
    expect((await claim()).map(({ id }) => id)).toEqual([second]);
  });

  it('is worked on for its sender', async () => {
    const { ask, claim, look, inbox, clock } = await started();
    const { id } = (await ask({ body: web })).body;
    const given: Message[] = [];
    const around = {
      ...{ clock, refuse: async () => {}, queues: () => Promise.reject(new Error('there are none')) },
      log: { info: () => {}, warn: () => {}, failed: () => {} },
    };
    const context = { leftMs: () => 30_000 };
    await takeBatch({ inbox, claimed: await claim() }, context, async (message) => void given.push(message), around);
    expect(given).toMatchObject([{ id, sender: holder('ci') }]);
    expect((await look(id)).body.state).toBe('done');
  });
});
