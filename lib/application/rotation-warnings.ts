// What an operator has to look at in a key pair: what does not get on by itself, and what no worker comes for. Each is said again
// at every pass, so that an alarm stays for as long as it lasts: deploy/alarms.ts counts these lines.
import type { KeyPairRecord } from '../vending/record.ts';
import type { Held } from '../vending/rotation/outgoing-record.ts';
import { pauseMs, STALLED_MS } from '../vending/rotation/put-off.ts';
import { isDone, type Work } from '../vending/rotation/rotation-record.ts';

export interface Warning {
  readonly message: 'rotation stalled' | 'purge stalled' | 'pair lingers';
  readonly fields: Readonly<Record<string, string | number>>;
}

/** The cloud shows a binding for a while after its instance was released: what it refuses so many times in a row stays. */
const HELD_TRIES = 3;
/** What is due, and is still not taken after that long, waits in vain. */
const LATE_MS = 60 * 60_000;
const HOUR_MS = 60 * 60_000;

const hours = (sinceMs: number, nowMs: number): number => Math.floor((nowMs - sinceMs) / HOUR_MS);

/** All that there is to say of a record once a worker has gone through it. */
export function warningsOf(record: KeyPairRecord, nowMs: number): readonly Warning[] {
  const { state, identity, rotations = [], outgoing, retirement, versions } = record;
  const here = { ...identity };
  const lingering = (versionId: string | undefined, { sinceMs, code, tries, count }: Held): Warning => ({
    message: 'pair lingers',
    fields: {
      ...here,
      keyPairId: versions.find(({ id }) => id === versionId)?.keyPairId ?? '',
      code,
      tries,
      ...(count !== undefined && { instances: count }),
      hours: hours(sinceMs, nowMs),
    },
  });
  const purging = (work: Work | undefined): readonly Warning[] => {
    const sinceMs = work && failingSinceMs(work);
    if (work?.lastError === undefined || sinceMs === undefined || work.lastError.atMs - sinceMs < STALLED_MS) return [];
    return [
      { message: 'purge stalled', fields: { ...here, state, code: work.lastError.code, hours: hours(sinceMs, nowMs) } },
    ];
  };
  if (state === 'retired' || state === 'purging') {
    const { held, work } = retirement ?? {};
    const counts = versions.at(-1)?.id;
    return [...purging(work), ...(held !== undefined && held.tries >= HELD_TRIES ? [lingering(counts, held)] : [])];
  }
  if (state !== 'active') return [];
  return [
    ...rotations
      .filter((rotation) => rotation.stalledAtMs !== undefined && !isDone(rotation))
      .map(({ id, state, lastError, failingSinceMs, stalledAtMs = nowMs }): Warning => {
        const code = lastError?.code ?? 'INTERNAL';
        return {
          message: 'rotation stalled',
          fields: { ...here, rotationId: id, state, code, hours: hours(failingSinceMs ?? stalledAtMs, nowMs) },
        };
      }),
    ...purging(outgoing?.work),
    ...(outgoing?.pairs ?? []).flatMap(({ versionId, held }) =>
      held !== undefined && held.tries >= HELD_TRIES ? [lingering(versionId, held)] : [],
    ),
  ];
}

/** Where the record does not say since when it fails, so many failures, one pause apart, took at least that long. */
function failingSinceMs({ failingSinceMs, failures, lastError }: Work): number | undefined {
  if (lastError === undefined || failingSinceMs !== undefined) return failingSinceMs;
  const pauses = Array.from({ length: Math.max(0, failures - 1) }, (_, earlier) => pauseMs(earlier));
  return lastError.atMs - pauses.reduce((sum, ms) => sum + ms, 0);
}

/**
 * Since when work that was begun has been due, where that is too long ago. What is due by age alone was not begun: that age may
 * have been set a moment ago.
 */
export function lateSinceMs(record: KeyPairRecord, nowMs: number): number | undefined {
  const { state, rotations = [], outgoing, retirement } = record;
  const works = state === 'active' ? [...rotations, outgoing?.work] : [retirement?.work];
  const due = Math.min(...works.map((work) => work?.nextTryAtMs ?? Number.POSITIVE_INFINITY));
  return nowMs - due >= LATE_MS ? due : undefined;
}
