// Is the trail of a key pair whole? What was removed, changed or put in another order shows in the chain; that its end was cut off,
// or that all of it was written anew, only entries show that were kept elsewhere.
import type { Ports } from './ports.ts';
import type { KeyPairRecord } from './record.ts';
import { digestOf, entryKey, type TrailEntry } from './trail-entry.ts';

export interface Verified {
  readonly entries: number;
  /** What is wrong, one line each. Empty where nothing is. */
  readonly faults: readonly string[];
}

/** An entry's own place and digest, as it was kept elsewhere. */
export type Anchor = Pick<TrailEntry, 'seq' | 'digest'>;

/**
 * @param kept entries by their number, as they were read
 * @param anchors of this key pair
 */
export function verifyTrail(
  record: Pick<KeyPairRecord, 'trail'> | undefined,
  kept: ReadonlyMap<number, TrailEntry>,
  anchors: readonly Anchor[] = [],
): Verified {
  const faults: string[] = [];
  const head = record?.trail ?? { seq: 0, digest: '' };
  const pending = new Map((record?.trail?.pending ?? []).map((entry) => [entry.seq, entry]));
  const digests = new Map<number, string>();
  let previous: string | undefined = '';
  for (let seq = 1; seq <= head.seq; seq += 1) {
    const entry = kept.get(seq) ?? pending.get(seq);
    if (entry === undefined) {
      faults.push(`entry ${seq} is missing`);
      previous = undefined;
      continue;
    }
    const { digest, ...open } = entry;
    if (entry.seq !== seq) faults.push(`entry ${seq} is in the place of another one`);
    else if (digestOf(open) !== digest) faults.push(`entry ${seq} was changed`);
    else if (previous !== undefined && entry.previous !== previous)
      faults.push(`entry ${seq} does not follow the one before it`);
    digests.set(seq, digest);
    previous = digest;
  }
  if (head.seq > 0 && previous !== undefined && previous !== head.digest)
    faults.push('the head is of another entry than the last one');
  for (const { seq, digest } of anchors) {
    if (seq > head.seq) faults.push(`entry ${seq}, which was kept elsewhere, is missing: the end was cut off`);
    else if (digests.has(seq) && digests.get(seq) !== digest)
      faults.push(`entry ${seq} is not the one that was kept elsewhere`);
  }
  return { entries: head.seq, faults: [...new Set(faults)] };
}

/** The entries of a key pair, in order; what was not sent on yet is in its record. */
export async function readTrail(
  { ledger, clock }: Pick<Ports, 'ledger' | 'clock'>,
  { identity, trail = { seq: 0, digest: '' } }: Pick<KeyPairRecord, 'identity' | 'trail'>,
  [from, to]: readonly [number, number] = [1, trail.seq],
): Promise<ReadonlyMap<number, TrailEntry>> {
  const found = new Map((trail.pending ?? []).map((entry) => [entry.seq, entry]));
  const wanted: number[] = [];
  for (let one = Math.max(1, from); one <= Math.min(trail.seq, to); one += 1) if (!found.has(one)) wanted.push(one);
  for (let i = 0; i < wanted.length; i += AT_ONCE) {
    const some = wanted.slice(i, i + AT_ONCE);
    const texts = await Promise.all(some.map((one) => ledger.recall(entryKey(identity, one), clock.wallMs())));
    for (const [j, text] of texts.entries()) {
      const entry = entryIn(text);
      if (entry !== undefined) found.set(some[j]!, entry);
    }
  }
  return found;
}

const AT_ONCE = 25;

function entryIn(text: string | undefined): TrailEntry | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as TrailEntry);
  } catch {
    return undefined;
  }
}
