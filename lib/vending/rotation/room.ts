// Whether the secret that a key pair's versions share has room for one key more, where the store keeps only so many. A key that was sent
// may arrive late: what is counted is whatever may be there by then, and not what is there now.
import type { Version } from '../attempt.ts';
import { sharing } from '../own-secret.ts';
import type { Closing, KeyPairRecord } from '../record.ts';
import type { CommandPorts } from './rotation-ports.ts';
import type { Rotation } from './rotation-record.ts';
import { successorName } from './successor-name.ts';

export interface Counted {
  /** Ids of the keys that are stored there, or may be. */
  readonly ids: ReadonlySet<string>;
  /** Those of attempts that are over, of which something may still arrive. */
  readonly closing: readonly Closing[];
  /** Ids of keys that may still be sent, or arrive: of attempts that are over, and of open ones. */
  readonly arriving: ReadonlySet<string>;
}

/** A cancelled rotation leaves its name behind, and several can be cancelled within one horizon. */
const NAMES_LOOKED_AT = 5;

/** Whether its key is stored, and among no versions yet. Those that were promoted are. */
const isUnfinished = ({ promotedAtMs, state }: Rotation): boolean =>
  promotedAtMs === undefined && state !== 'cancelled';

/** Whether a copy of a version's key may still be stored (renew-key.ts). */
export const isOnItsWay = (
  { copiedByMs }: Pick<Version, 'copiedByMs'>,
  { clock, settings }: Pick<CommandPorts, 'clock' | 'settings'>,
): boolean => copiedByMs !== undefined && clock.wallMs() < copiedByMs + settings.horizonMs;

/** Reads the records of the last few successors: what their attempts store goes into this secret. */
export async function mayBeShared(
  ports: Pick<CommandPorts, 'ledger' | 'clock' | 'settings'>,
  record: KeyPairRecord,
): Promise<Counted> {
  const { ledger } = ports;
  const { identity, successors = 0, versions, rotations = [] } = record;
  const closing = [...(record.closing ?? [])];
  const ids = new Set(sharing(record).map(({ id }) => id));
  const arriving = new Set<string>();
  for (const one of rotations) if (one.successor !== undefined && isUnfinished(one)) ids.add(one.successor.id);
  for (let number = successors + 1, looked = 0; number >= 2; number -= 1) {
    const own = (await ledger.read({ ...identity, name: successorName(identity, number) }))?.record;
    if (own?.successorOf !== identity.name) continue; // a name that somebody else had
    if (own.closing === undefined && own.attempt === undefined && looked >= NAMES_LOOKED_AT) break;
    looked += 1;
    closing.push(...(own.closing ?? []));
    if (own.attempt !== undefined) arriving.add(own.attempt.id);
    for (const { id } of own.versions) if (!versions.some((one) => one.id === id)) ids.add(id);
  }
  for (const { attempt } of closing) arriving.add(attempt.id);
  for (const id of arriving) ids.add(id);
  for (const version of versions) if (isOnItsWay(version, ports)) arriving.add(`copy of ${version.id}`);
  return { ids, closing, arriving };
}
