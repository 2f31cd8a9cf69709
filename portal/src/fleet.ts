// What an overview needs of all key pairs that one may read: those that are stuck, what is under way, how old keys are.
import type { Api } from './keyvend.ts';
import { placeOf, refOf, titleOf } from './places.ts';
import type { KeyPair, Rotation } from './types.ts';

/** No more than this is read for an overview; it says so where there is more. */
export const MOST = 1_000;
const MOST_ROTATIONS = 50;
/** As many are named; the rotation's own page has all. */
const MOST_HOSTS = 3;
const DAY_MS = 86_400_000;
const over = new Set(['purged', 'cancelled', 'old-key-removed']);

export interface UnderWay {
  readonly pair: KeyPair;
  readonly rotation: Rotation;
}
export interface Fleet {
  readonly keyPairs: readonly KeyPair[];
  readonly isCut: boolean;
  readonly underWay: readonly UnderWay[];
}
export interface Stuck {
  readonly title: string;
  readonly to: string;
  readonly kind: 'stalled' | 'hosts' | 'tries' | 'lingering' | 'held' | 'conflict';
  readonly code?: string;
  readonly detail?: string;
  readonly since?: string;
  /** The first of those that hold it up. */
  readonly hosts?: readonly string[];
}

export async function readFleet(api: Api): Promise<Fleet> {
  const keyPairs: KeyPair[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.list({ limit: 100, cursor });
    keyPairs.push(...page.keyPairs);
    cursor = page.cursor;
  } while (cursor !== undefined && keyPairs.length < MOST);
  const begun = keyPairs.flatMap((pair) =>
    pair.rotations.filter(({ state }) => !over.has(state)).map(({ id }) => ({ pair, id })),
  );
  const read = begun
    .slice(0, MOST_ROTATIONS)
    .map(async ({ pair, id }) => ({ pair, rotation: await api.rotation(refOf(pair), id) }));
  const settled = await Promise.allSettled(read);
  return {
    keyPairs,
    isCut: cursor !== undefined,
    underWay: settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
  };
}

/** What does not get on by itself before what is tried again. */
export function stuckIn({ keyPairs, underWay }: Fleet): readonly Stuck[] {
  const rotations = underWay.flatMap(({ pair, rotation }): Stuck[] => {
    const { id, lastError, stalledAt } = rotation;
    const held = rotation.hosts.filter(
      ({ outcome, code, waived }) => outcome !== 'ok' && code !== undefined && !waived,
    );
    const hosts = held.slice(0, MOST_HOSTS).map(({ host, code }) => `${host} (${code})`);
    const of = { title: titleOf(refOf(pair)), to: placeOf(refOf(pair), `/rotations/${id}`), hosts };
    if (lastError !== undefined) {
      const kind = stalledAt === undefined ? ('tries' as const) : ('stalled' as const);
      return [{ ...of, kind, code: lastError.code, detail: lastError.detail, since: stalledAt ?? lastError.at }];
    }
    return hosts.length === 0 ? [] : [{ ...of, kind: 'hosts' }];
  });
  const pairs = keyPairs.flatMap((pair): Stuck[] => {
    const of = { title: titleOf(refOf(pair)), to: placeOf(refOf(pair)) };
    const { lingering = [], retirement, state } = pair;
    return [
      ...(state === 'conflict' ? [{ ...of, kind: 'conflict' as const, since: pair.requestedAt }] : []),
      ...lingering.map(({ code, since }) => ({ ...of, kind: 'lingering' as const, code, since })),
      ...(retirement?.held
        ? [{ ...of, kind: 'held' as const, code: retirement.held.code, since: retirement.held.seenAt }]
        : []),
    ];
  });
  const rank = { stalled: 0, conflict: 1, hosts: 2, held: 3, lingering: 4, tries: 5 };
  return [...rotations, ...pairs].sort((a, b) => rank[a.kind] - rank[b.kind]);
}

export const ageGroups = ['overdue', 'week', 'month', 'quarter', 'later', 'never'] as const;

/** How many keys are due to be rotated, and when. */
export function agesIn({ keyPairs }: Fleet, now = Date.now()): Readonly<Record<(typeof ageGroups)[number], number>> {
  const all = { overdue: 0, week: 0, month: 0, quarter: 0, later: 0, never: 0 };
  for (const { state, nextAgeRotationAt } of keyPairs) {
    if (state !== 'active') continue;
    const days = nextAgeRotationAt === undefined ? Number.NaN : (Date.parse(nextAgeRotationAt) - now) / DAY_MS;
    all[
      Number.isNaN(days)
        ? 'never'
        : days < 0
          ? 'overdue'
          : days < 7
            ? 'week'
            : days < 30
              ? 'month'
              : days < 90
                ? 'quarter'
                : 'later'
    ] += 1;
  }
  return all;
}

/** How often each code is what holds something up, on hosts as well. */
export function codesIn({ keyPairs, underWay }: Fleet): readonly (readonly [code: string, n: number])[] {
  const codes = new Map<string, number>();
  const add = (code: string | undefined) => code && codes.set(code, (codes.get(code) ?? 0) + 1);
  for (const { rotation } of underWay) for (const { code } of rotation.hosts) add(code);
  for (const { rotation } of underWay)
    if (!rotation.hosts.some(({ code }) => code === rotation.lastError?.code)) add(rotation.lastError?.code);
  for (const { lingering = [] } of keyPairs) for (const { code } of lingering) add(code);
  return [...codes].sort((a, b) => b[1] - a[1]);
}
