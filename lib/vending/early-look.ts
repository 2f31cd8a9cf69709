// The look at a pair that is just being made. Where a create's answer does not show the public key, the pair is looked at before it counts,
// which takes a round trip. It is sent while the create's own answer is still on its way, as soon as the pair is probably there:
// no promise depends on when a read is sent, only on what it shows. One that came too early is repeated.
import { rowOf } from '../provider-table.ts';
import type { FoundPair, KeyPairProvider } from '../providers/provider.ts';
import type { AttemptLease } from './attempt-lease.ts';

export interface EarlyLook {
  /** To be called when the create was sent. */
  readonly begin: () => void;
  /** For a create that failed: nobody wants to know any more. */
  cancel(): void;
  /** To be called when the create's answer is there: what was not asked yet is asked now. */
  answered(): void;
  /** What was seen; undefined where it failed. */
  pairs(): Promise<readonly FoundPair[] | undefined>;
  /** Whether what it saw was the pair, so that the next one is sent at a better moment. */
  learn(wasThere: boolean): void;
}

/** @returns undefined where the create's own answer shows all that can be seen */
export function lookEarly(lease: AttemptLease, provider: KeyPairProvider): EarlyLook | undefined {
  const { clock, createTimes, settings, wait } = lease.ports;
  const { identity } = lease.record;
  if (createTimes === undefined || rowOf(identity.provider).createShowsKey) return undefined;
  const cancelled = new AbortController();
  const answered = Promise.withResolvers<void>();
  const waited = new AbortController();
  let [sentMs, createMs, lookMs] = [0, 0, 0];
  let pairs: Promise<readonly FoundPair[] | undefined> = Promise.resolve(undefined);

  const look = async () => {
    // A near cloud may be faster than was learned.
    await Promise.race([wait(createTimes.delayMs(identity), waited.signal), answered.promise]);
    if (cancelled.signal.aborted) return undefined;
    const beganMs = clock.monotonicMs();
    const call = { ...lease.callLimits(settings.callTimeoutMs), signal: cancelled.signal };
    const seen = await provider.find(identity, call);
    lookMs = clock.monotonicMs() - beganMs;
    return seen.pairs;
  };
  return {
    begin() {
      sentMs = clock.monotonicMs();
      pairs = look().catch(() => undefined);
    },
    cancel() {
      cancelled.abort('cancelled');
      waited.abort();
    },
    answered() {
      createMs = clock.monotonicMs() - sentMs;
      answered.resolve();
      waited.abort();
    },
    pairs: () => pairs,
    learn: (wasThere) => createTimes.learn(identity, { createMs, lookMs, wasThere }),
  };
}
