// Every sample event in events/, run through the function that it is for, with real ports around it.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyPairAnswer, KeyPairMetadata, KeyPairPage } from '../../lib/contract/metadata.ts';
import { PolicyAnswer } from '../../lib/contract/policy-body.ts';
import { Problem } from '../../lib/contract/problem.ts';
import { RotationAnswer } from '../../lib/contract/rotation-answer.ts';
import { isProvider } from '../../lib/provider-table.ts';
import { serviceNames } from '../../local/clouds/state/registry.ts';
import { contextFor, handlerOf } from '../../local/stack/invoke.ts';
import { type Stack, startStack } from '../../local/stack/stack.ts';

const folder = new URL('../../events/', import.meta.url);
const files = (await readdir(folder)).filter((name) => name.endsWith('.json'));

interface Http {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/** What each case is answered with; `made` cases may find the pair made by an earlier one. */
const expected: Record<string, (answer: unknown) => void> = {
  'http.payload-1': made,
  'http.payload-2': made,
  'http.payload-2-base64': made,
  'http.no-token': problem(401, 'TOKEN_MISSING'),
  'http.invalid-fields': (answer) => {
    problem(400, 'INVALID_REQUEST')(answer);
    const named = (JSON.parse((answer as Http).body) as Problem).errors?.map((one) => 'pointer' in one && one.pointer);
    expect(named).toEqual(['#/provider']); // an HTTP body does not name its provider; the path does
  },
  'http.not-json': problem(400, 'INVALID_REQUEST'),
  'http.not-declared-json': problem(415, 'MEDIA_TYPE'),
  'queue.batch': (answer) => expect(answer).toEqual({ batchItemFailures: [] }),
  'queue.batch-with-a-bad-message': (answer) => expect(answer).toEqual({ batchItemFailures: [] }),
  'http.list': (answer) => KeyPairPage.parse(ok(answer)),
  'http.read': (answer) => KeyPairMetadata.parse(ok(answer)),
  'http.read-base-path': (answer) => KeyPairMetadata.parse(ok(answer)),
  'http.read-behind-a-stage': (answer) => KeyPairMetadata.parse(ok(answer)),
  'http.base-path': (answer) => {
    made(answer);
    expect((answer as Http).headers.location).toBe('/keys/v1/ecs/key-pairs/web%3Aprod?region=cn-hangzhou');
  },
  'http.read-unknown': problem(404, 'KEY_PAIR_ABSENT'),
  'http.openapi': (answer) => expect(ok(answer)).toMatchObject({ openapi: '3.1.0' }),
  'http.policy': (answer) => expect(PolicyAnswer.parse(ok(answer))).toMatchObject({ maxAgeDays: 90, coverage: 1 }),
  'http.policy-with-bad-hosts': (answer) => {
    problem(400, 'INVALID_REQUEST')(answer);
    const named = (JSON.parse((answer as Http).body) as Problem).errors?.map((one) => 'pointer' in one && one.pointer);
    expect(named).toEqual(['#/hosts/0/host', '#/hosts/0/user', '#/hosts/1/port']);
  },
  'http.rotate': (answer) => {
    const { statusCode, headers, body } = answer as Http;
    expect(statusCode).toBe(202);
    const { id } = RotationAnswer.parse(JSON.parse(body));
    expect(headers.location).toBe(`/v1/ecs/key-pairs/web%3Aprod/rotations/${id}?region=cn-hangzhou`);
  },
  'http.rotate-unknown': problem(404, 'KEY_PAIR_ABSENT'),
  'http.rotation-unknown': problem(404, 'ROTATION_ABSENT'),
  'http.retire-unknown': problem(404, 'KEY_PAIR_ABSENT'),
  'http.release-unknown': problem(404, 'KEY_PAIR_ABSENT'),
  'due.schedule': (answer) => expect(answer).toEqual({ sent: expect.any(Number) }),
  'worker.due': (answer) => expect(answer).toEqual({ batchItemFailures: [] }),
  'worker.rotate': (answer) => expect(answer).toEqual({ batchItemFailures: [] }),
  'worker.bad-message': (answer) => expect(answer).toEqual({ batchItemFailures: [] }),
  'secretsManager.create': notOnAws,
  'secretsManager.set': notOnAws,
  'secretsManager.test': notOnAws,
  'secretsManager.finish': notOnAws,
  'settle.schedule': (answer) => expect(answer).toMatchObject({ conflicts: 0, failed: 0, more: false }),
  'count.schedule': (answer) => expect(answer).toContainEqual(expect.objectContaining({ provider: 'ecs', limit: 500 })),
  'reconcile.dry-run': (answer) => reconciled(answer, [...serviceNames].sort()),
  'reconcile.one-place': (answer) => reconciled(answer, ['ecs']),
  'http.health': (answer) => expect(ok(answer)).toEqual({ status: 'ok' }),
};
function made(answer: unknown): void {
  const { statusCode, headers, body } = answer as Http;
  expect([200, 201]).toContain(statusCode);
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
  KeyPairAnswer.parse(JSON.parse(body));
}
function ok(answer: unknown): unknown {
  expect((answer as Http).statusCode).toBe(200);
  return JSON.parse((answer as Http).body);
}
function reconciled(answer: unknown, providers: string[]): void {
  const { places, more } = answer as { more: boolean; places: { provider: string; findings: []; counts: object }[] };
  expect(more).toBe(false);
  expect([...new Set(places.map(({ provider }) => provider))].sort()).toEqual(providers);
  for (const { findings } of places) expect(findings).toEqual([]);
}
/** What the function throws; tests/stack/rotation-steps.test.ts has it with AWS Secrets Manager around it. */
function notOnAws(answer: unknown): void {
  expect(answer).toMatchObject({ code: 'STORE_REFUSED', message: expect.stringContaining('not stored in AWS') });
}
function problem(status: number, code: string) {
  return (answer: unknown) => {
    const { statusCode, headers, body } = answer as Http;
    expect(headers['content-type']).toBe('application/problem+json');
    expect(Problem.parse(JSON.parse(body))).toMatchObject({ status, code });
    expect(statusCode).toBe(status);
  };
}

describe('the sample events', () => {
  let stack: Stack;
  let home: string;
  beforeAll(async () => {
    process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
    home = await mkdtemp(join(tmpdir(), 'keyvend-events-'));
    stack = await startStack({ port: 0, cloudsPort: 0, home });
  });
  afterAll(async () => {
    await stack.stop();
    await rm(home, { recursive: true });
  });

  // Pairs first, so that there is something to read; and what changes them last.
  const later = (file: string) =>
    ['catalog', 'recovery', 'lifecycle', 'fleet', 'rotation'].indexOf(file.split('.')[0]!);
  const inOrder = files.sort((a, b) => later(a) - later(b));
  it.each(inOrder)('%s is answered as it should be', async (file) => {
    const [name = '', exported = '', ...rest] = file.replace(/\.json$/, '').split('.');
    const text = await readFile(new URL(file, folder), 'utf8');
    const event: unknown = JSON.parse(text.replaceAll('<token>', stack.token));
    const handler = await handlerOf(`functions/${name}.${exported}`);
    const check = expected[[exported, ...rest].join('.')];
    expect(check, `no expectation for ${file}`).toBeDefined();
    check?.(await handler(event, contextFor(file)).catch((error: unknown) => error));
  });

  it('cover every export of every function whose cloud can be run here', async () => {
    const functions = (await readdir(new URL('../../functions/', import.meta.url)))
      .filter((file) => file.endsWith('.ts')) // below fc/ are those of another platform: tests/fc
      .map((file) => file.replace('.ts', ''))
      .filter((name) => !isProvider(name) || (serviceNames as readonly string[]).includes(name));
    for (const name of functions) {
      const module = (await import(`../../functions/${name}.ts`)) as object;
      for (const exported of Object.keys(module)) {
        expect(
          files.some((file) => file.startsWith(`${name}.${exported}.`)),
          `${name}.${exported}`,
        ).toBe(true);
      }
    }
  });
});
