import { beforeEach, describe, expect, it } from 'vitest';
import type { ApiCall } from '../../../lib/application/http.ts';
import { answeredMany } from '../../../lib/application/outcomes.ts';
import { codeOf, VendingError } from '../../../lib/errors.ts';
import { type TestClock, testClock } from '../../doubles/test-clock.ts';

const call = {
  request: { base: '/prod', headers: new Map([['idempotency-key', 'k-1'] as const, ['x-other', 'a'] as const]) },
  caller: {},
  leftMs: 10_000,
} as unknown as ApiCall;
const many = { at: '/items', shownAs: 'item', leastMs: 4_000 };

let clock: TestClock;
let codes: string[];
const asked = <I>(items: readonly I[], answer: Parameters<typeof answeredMany<I>>[2], atOnce = 2) =>
  answeredMany(
    call,
    items,
    answer,
    { ...many, atOnce },
    { clock, log: { info() {}, warn() {}, failed: (error) => void codes.push(codeOf(error)) } },
  );
beforeEach(() => {
  clock = testClock();
  codes = [];
});

describe('many at once', () => {
  it('are answered in their order, whichever is done first', async () => {
    const release: (() => void)[] = [];
    const answers = asked(['a', 'b'], async (body) => {
      await new Promise<void>((resolve) => release.push(resolve));
      return { status: 201, body, headers: { location: `/v1/${body}` } };
    });
    await Promise.resolve();
    for (const one of release.toReversed()) one();
    const item = (name: string) => ({ status: 201, location: `/prod/v1/${name}`, item: name });
    expect(await answers).toEqual({ status: 207, body: { outcomes: [item('a'), item('b')] } });
  });

  it('are under way only so many at a time', async () => {
    let [now, most] = [0, 0];
    await asked([1, 2, 3, 4, 5], async () => {
      now += 1;
      most = Math.max(most, now);
      await Promise.resolve();
      now -= 1;
      return { status: 200, body: undefined };
    });
    expect(most).toBe(2);
  });

  it('share the time of their request, and what is too late for it is not begun', async () => {
    const begun: [number, number][] = [];
    const { body } = await asked(
      [1, 2, 3, 4],
      async (item, { leftMs }) => {
        begun.push([item, leftMs]);
        clock.advance(3_000);
        return { status: 200, body: item };
      },
      1,
    );
    expect(begun).toEqual([
      [1, 10_000],
      [2, 7_000],
      [3, 4_000],
    ]);
    expect((body as { outcomes: unknown[] }).outcomes[3]).toMatchObject({
      status: 503,
      problem: { code: 'DEADLINE_PASSED' },
    });
    expect(codes).toEqual(['DEADLINE_PASSED']);
  });

  it('are not given the Idempotency-Key of their request, which can stand for one of them only', async () => {
    const seen: unknown[] = [];
    await asked([1], async (_item, { request }) => {
      seen.push([...request.headers.keys()]);
      return { status: 200, body: undefined };
    });
    expect(seen).toEqual([['x-other']]);
  });

  it('say of one that failed when to come again, in whole seconds', async () => {
    const { body } = await asked(['a'], async () => {
      throw new VendingError('THROTTLED', 'The cloud is asked too often', { retryAfterMs: 1_200 });
    });
    expect(body).toMatchObject({ outcomes: [{ problem: { code: 'THROTTLED' }, retryAfter: 2 }] });
    expect(codes).toEqual(['THROTTLED']);
  });
});
