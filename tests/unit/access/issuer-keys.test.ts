// The keys of one issuer over time: how old they get, how often it is asked, and what happens while it cannot be had.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { bearer } from '../../../lib/access/bearer.ts';
import { issuerKeys } from '../../../lib/access/issuer-keys.ts';
import { testClock } from '../../doubles/test-clock.ts';
import { issuer, LEFT_MS, outcome, signer } from './tokens.ts';

const [SECOND, MINUTE] = [1_000, 60_000];
const clock = testClock();
const [old, next] = [await signer('k1', 'RS256', clock), await signer('k2', 'RS256', clock)];
const replacing = await signer('k1', 'RS256', clock); // under the `kid` of `old`

/** What the issuer publishes, whether it can be had, and how often it was asked. */
let published: readonly unknown[];
let isDown: boolean;
let asked: number;
let warned: object[];
let verify: (header: string, leftMs?: number) => Promise<{ readonly id: string }>;
beforeEach(() => {
  published = [old.jwk];
  isDown = false;
  asked = 0;
  warned = [];
  verify = verifying(counting);
});
const counting = async () => {
  asked += 1;
  if (isDown) throw new Error('ECONNREFUSED');
  return { keys: published };
};
function withKeys(fetch: () => Promise<unknown>) {
  const warn = (message: string, fields: object) => void warned.push({ message, ...fields });
  const keys = issuerKeys({ name: 'default', fetch, clock, warn });
  return { keys, check: bearer([issuer([], { keys })], clock) };
}
function verifying(fetch: () => Promise<unknown>): typeof verify {
  const { check } = withKeys(fetch);
  return (header, leftMs = LEFT_MS) => check(header, leftMs);
}
/** An issuer that answers when the test says so: one function for each time it was asked. */
function answering(): ((set: object) => void)[] {
  const answers: ((set: object) => void)[] = [];
  verify = verifying(() => new Promise((resolve) => void answers.push(resolve)));
  return answers;
}
const told = async (by: typeof old) => outcome(verify(await by.token()));
const accepted = 'https://issuer.example portal';

describe("an issuer's keys", () => {
  it('are fetched once for a hundred requests that come at once to a cold process', async () => {
    const header = await old.token();
    const all = await Promise.all(Array.from({ length: 100 }, () => outcome(verify(header))));
    expect(new Set(all)).toEqual(new Set([accepted]));
    expect(asked).toBe(1);
  });

  it('are there for the first request where they were fetched while the function was loaded', async () => {
    const header = await old.token();
    const { keys, check } = withKeys(counting);
    keys.fetchEarly();
    await vi.waitFor(() => expect(asked).toBe(1));
    expect(await outcome(check(header, LEFT_MS))).toBe(accepted);
    expect(asked).toBe(1);
  });

  it('are fetched by the first request, at once, where they could not be had while the function was loaded', async () => {
    const header = await old.token();
    const { keys, check } = withKeys(counting);
    isDown = true;
    keys.fetchEarly();
    await vi.waitFor(() => expect(warned).toHaveLength(1));
    isDown = false;
    expect(await outcome(check(header, LEFT_MS))).toBe(accepted);
    expect(asked).toBe(2);
  });

  it('are fetched once for a hundred requests after they have aged, and not before', async () => {
    await told(old);
    clock.advance(5 * MINUTE - 1);
    await told(old);
    expect(asked).toBe(1);
    clock.advance(1);
    const header = await old.token();
    await Promise.all(Array.from({ length: 100 }, () => outcome(verify(header))));
    expect(asked).toBe(2);
  });

  it('age in a frozen process as well, whichever of its clocks stood still', async () => {
    await told(old);
    published = [next.jwk];
    clock.advance(5 * MINUTE, 'wall');
    expect(await told(old)).toBe('TOKEN_REFUSED');
    published = [old.jwk];
    clock.advance(5 * MINUTE, 'monotonic');
    expect(await told(old)).toBe(accepted);
  });

  it('that are withdrawn stop within five minutes', async () => {
    expect(await told(old)).toBe(accepted);
    published = [next.jwk];
    clock.advance(5 * MINUTE);
    expect(await told(old)).toBe('TOKEN_REFUSED');
    published = [];
    clock.advance(5 * MINUTE);
    expect(await told(next)).toBe('TOKEN_REFUSED');
  });

  it('that are new are found when a token names one, which makes us ask at most every 30 s', async () => {
    await told(old);
    published = [old.jwk, next.jwk];
    expect(await told(next)).toBe('TOKEN_REFUSED');
    clock.advance(30 * SECOND - 1);
    expect(await told(next)).toBe('TOKEN_REFUSED');
    expect(asked).toBe(1);
    clock.advance(1);
    expect(await told(next)).toBe(accepted);
    expect(asked).toBe(2);
  });

  it('that replace others under the same `kid` are found after 30 s as well', async () => {
    await told(old);
    published = [replacing.jwk];
    clock.advance(30 * SECOND);
    expect(await told(replacing)).toBe(accepted);
    expect(await told(old)).toBe('TOKEN_REFUSED');
    expect(asked).toBe(2);
  });

  it('are not asked for more than every 30 s however many forged tokens come, and honest ones do not wait for that', async () => {
    await told(old);
    const forged = [await next.token(), await replacing.token()];
    for (let seconds = 0; seconds < 60; seconds += 1) {
      clock.advance(SECOND);
      await Promise.all([...forged, ...forged].map((header) => outcome(verify(header))));
    }
    expect(asked).toBe(3);
  });

  it('serve honest callers while newer ones are on their way for somebody else', async () => {
    const answers = answering();
    const [honest, unknown] = [await old.token(), await next.token()];
    const first = outcome(verify(honest));
    answers[0]!({ keys: [old.jwk] });
    expect(await first).toBe(accepted);
    clock.advance(30 * SECOND);
    const waiting = outcome(verify(unknown));
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    expect(await outcome(verify(honest))).toBe(accepted);
    answers[1]!({ keys: [old.jwk, next.jwk] });
    expect(await waiting).toBe(accepted);
  });

  it('that are newer are fetched once for all who look for them, and taken without asking by who comes later', async () => {
    let sets = 0;
    const fetch = async () => {
      sets += 1;
      return { keys: [] };
    };
    const keys = issuerKeys({ name: 'default', fetch, clock, warn: () => {} });
    const seen = await keys.current(LEFT_MS);
    clock.advance(30 * SECOND);
    const [newer, same] = await Promise.all([keys.newerThan(seen, LEFT_MS), keys.newerThan(seen, LEFT_MS)]);
    expect(newer).not.toBe(seen);
    expect(same).toBe(newer);
    expect(await keys.newerThan(seen, LEFT_MS)).toBe(newer);
    expect(await keys.newerThan(newer, LEFT_MS)).toBe(newer);
    expect(sets).toBe(2);
  });
});

describe('while the issuer cannot be had', () => {
  it('the last keys serve for an hour after they were fetched, and then nothing does', async () => {
    await told(old);
    isDown = true;
    clock.advance(60 * MINUTE - 1);
    expect(await told(old)).toBe(accepted);
    clock.advance(1);
    expect(await told(old)).toBe('ISSUER_UNREACHABLE');
    clock.advance(MINUTE);
    isDown = false;
    expect(await told(old)).toBe(accepted);
  });

  it('it is left alone for a second, then for two, four and so on up to a minute, however many ask', async () => {
    isDown = true;
    const asks: number[] = [];
    const header = await old.token();
    for (let second = 0; second <= 300; second += 1) {
      const before = asked;
      for (let i = 0; i < 10; i += 1) expect(await outcome(verify(header))).toBe('ISSUER_UNREACHABLE');
      if (asked > before) asks.push(second);
      clock.advance(SECOND);
    }
    expect(asks).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
    expect(asked).toBe(asks.length);
    clock.advance(MINUTE);
    isDown = false;
    expect(await told(old)).toBe(accepted);
    isDown = true;
    clock.advance(60 * MINUTE);
    expect(await told(old)).toBe('ISSUER_UNREACHABLE');
    clock.advance(SECOND); // from the beginning
    isDown = false;
    expect(await told(old)).toBe(accepted);
  });

  it('the last keys serve during these pauses without asking', async () => {
    await told(old);
    isDown = true;
    clock.advance(5 * MINUTE);
    for (let i = 0; i < 100; i += 1) expect(await told(old)).toBe(accepted);
    expect(asked).toBe(2);
  });

  it('a caller learns when to come back, and an operator why there are no keys', async () => {
    isDown = true;
    const header = await old.token();
    await expect(verify(header)).rejects.toMatchObject({ code: 'ISSUER_UNREACHABLE', retryAfterMs: SECOND });
    expect(warned).toEqual([
      { message: 'issuer keys not fetched', issuer: 'default', reason: 'ECONNREFUSED', pauseMs: SECOND },
    ]);
  });

  it('a token with an unknown key may be a good one and can come again, one with a wrong signature is refused', async () => {
    await told(old);
    isDown = true;
    clock.advance(30 * SECOND);
    expect(await told(next)).toBe('ISSUER_UNREACHABLE');
    expect(await told(next)).toBe('ISSUER_UNREACHABLE');
    expect(await told(replacing)).toBe('TOKEN_REFUSED');
    expect(asked).toBe(2);
  });

  it('a request waits no longer than it can, and the next one is not made to wait for the same answer for ever', async () => {
    let asks = 0;
    verify = verifying(() => {
      asks += 1;
      return new Promise(() => {});
    });
    const header = await old.token();
    expect(await outcome(verify(header, 20))).toBe('ISSUER_UNREACHABLE');
    expect(await outcome(verify(header, -5))).toBe('ISSUER_UNREACHABLE');
    expect(asks).toBe(1);
    clock.advance(3 * SECOND, 'wall'); // what was asked before a process was frozen is never answered
    expect(await outcome(verify(header, 20))).toBe('ISSUER_UNREACHABLE');
    expect(asks).toBe(2);
  });

  it('an answer that comes too late does not replace a newer one', async () => {
    const answers = answering();
    const [withdrawn, current] = [await old.token(), await next.token()];
    const late = outcome(verify(withdrawn));
    clock.advance(3 * SECOND);
    const newer = outcome(verify(current));
    answers[1]!({ keys: [next.jwk] });
    expect(await newer).toBe(accepted);
    answers[0]!({ keys: [old.jwk] });
    await late;
    expect(await outcome(verify(withdrawn))).toBe('TOKEN_REFUSED');
  });

  it.each<[string, unknown, string]>([
    ['null', null, 'not a key set'],
    ['a word', 'keys', 'not a key set'],
    ['an error in JSON', { error: 'maintenance' }, 'not a key set'],
    ['more keys than an issuer has', { keys: Array.from({ length: 101 }, () => ({})) }, 'too many keys'],
  ])('or answers with %s, the last keys serve, and an operator is told', async (_, answer, reason) => {
    let current: unknown = { keys: [old.jwk] };
    verify = verifying(async () => current);
    await told(old);
    current = answer;
    clock.advance(5 * MINUTE);
    expect(await told(old)).toBe(accepted);
    expect(warned).toMatchObject([{ reason }]);
  });
});
