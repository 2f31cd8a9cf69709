// Waiting until a rotation has come to a state. Time is passed in, so that a test takes none.
import type { Clock } from '../lib/clock.ts';
import { adviceFor } from '../lib/contract/rotation-advice.ts';
import { failures, VendingError } from '../lib/errors.ts';
import type { KeyPairRecord } from '../lib/vending/record.ts';
import { hasReached } from '../lib/vending/rotation/change-record.ts';
import type { Rotation } from '../lib/vending/rotation/rotation-record.ts';
import type { Goal } from './commands/command.ts';
import { counted } from './counted.ts';

export interface Waiting {
  /** The record as it is now; may be asked again after any failure that is said to pass. */
  readonly read: () => Promise<KeyPairRecord | undefined>;
  readonly id: string;
  readonly until: Goal;
  /** Undefined for as long as it takes. */
  readonly timeoutMs: number | undefined;
  readonly clock: Clock;
  readonly wait: (ms: number) => Promise<void>;
  /** Called with one line for each thing that changes. */
  readonly tell: (line: string) => void;
}

const EVERY_MS = 1_000;

/**
 * `reached`; `cancelled`: it will not be; `stalled`: it has failed for an hour, so somebody has to do something; `absent`: it is on
 * record no more; `timeout`.
 */
export type Waited = 'reached' | 'cancelled' | 'stalled' | 'absent' | 'timeout';

export async function waitForRotation({ read, id, until, timeoutMs, clock, wait, tell }: Waiting): Promise<Waited> {
  const endMs = clock.monotonicMs() + (timeoutMs ?? Number.POSITIVE_INFINITY);
  let told = '';
  const say = (line: string) => {
    if (line !== told) tell(line);
    told = line;
  };
  for (;;) {
    const record = await read().catch((error: unknown) => {
      if (!(error instanceof VendingError) || !failures[error.code].retry) throw error;
      return error;
    });
    if (record instanceof VendingError) say(`not read: ${record.code}`);
    else {
      const rotation = record?.rotations?.find((one) => one.id === id);
      if (record === undefined || rotation === undefined) return 'absent';
      say(progress(record, rotation));
      if (rotation.state === 'cancelling' || rotation.state === 'cancelled') return 'cancelled';
      if (hasReached(rotation, until)) return 'reached';
      if (isStuck(rotation, clock.wallMs())) return 'stalled';
    }
    const leftMs = endMs - clock.monotonicMs();
    if (leftMs <= 0) return 'timeout';
    await wait(Math.min(EVERY_MS, leftMs));
  }
}

/** One that is about to be tried once more, because a host was waived for example, may yet get on. */
const isStuck = ({ stalledAtMs, lease, nextTryAtMs = Number.POSITIVE_INFINITY }: Rotation, nowMs: number): boolean =>
  stalledAtMs !== undefined && lease === undefined && nextTryAtMs > nowMs;

function progress(record: KeyPairRecord, { state, hosts, lastError, from }: Rotation): string {
  const all = Object.values(hosts);
  const done = all.filter(({ outcome, oldRemoved }) => (state === 'promoted' ? oldRemoved : outcome === 'ok')).length;
  const word = state === 'promoted' ? 'rid of the old key' : 'done';
  const held = record.outgoing?.pairs.find(({ versionId }) => versionId === from.id)?.held;
  const parts = [
    state,
    ...(all.length > 0 ? [`${done} of ${counted(all.length, 'host')} ${word}`] : []),
    ...(lastError ? [`${lastError.code}: ${adviceFor(lastError.code)}`] : []),
    ...(held ? [`the old pair lingers, ${held.code}: ${adviceFor(held.code)}`] : []),
  ];
  return parts.join('; ');
}
