// The commands of a rotation. Each is one conditional write; the worker finds it by index and does the rest.
import { DAY_MS } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import type { Identity } from '../../identity.ts';
import type { Bounds } from '../../policy-bounds.ts';
import { idOf } from '../attempt.ts';
import type { KeyPairRecord } from '../record.ts';
import { changeRecord, hasReached, inUse, rotationOf, withRotation } from './change-record.ts';
import { freeNumber } from './free-number.ts';
import { withHostsListed, withSooner } from './outgoing.ts';
import { accountName, hostName, type PolicyChange, policyOf, wantedPolicyOf } from './policy.ts';
import { withRoom } from './record-size.ts';
import type { CommandPorts } from './rotation-ports.ts';
import { isDone, isUnderWay, type Rotation } from './rotation-record.ts';
import { mayBegin } from './rotation-schedule.ts';
import { successorName } from './successor-name.ts';

/** How many rotations stay on record once they are over. */
const KEPT = 3;

export interface RotateCommand {
  readonly caller: string;
  readonly reason?: Rotation['reason'];
  /** A UUID that stands for this command: sending it again gives the same rotation, even once that is over. */
  readonly id?: string;
  /** Default `keyvend`. */
  readonly driver?: Rotation['driver'];
}

/**
 * Begins a rotation, or returns the one that is under way.
 * @throws {VendingError} KEY_PAIR_ABSENT, KEY_PAIR_RETIRED; ROTATION_WAITS; ROTATION_IN_PROGRESS while one is being cancelled
 */
export async function requestRotation(
  ports: CommandPorts,
  identity: Identity,
  { caller, reason = 'requested', id: given, driver = 'keyvend' }: RotateCommand,
): Promise<Rotation> {
  const id = given ?? ports.newId();
  let begun: Rotation | undefined;
  await changeRecord(ports, identity, async (record) => {
    const known = record.rotations?.find((rotation) => rotation.id === id);
    begun = known ?? inUse(record).rotations?.find(isUnderWay);
    if (begun?.state === 'cancelling' && known === undefined) throw inTheWay();
    if (begun !== undefined) return record;
    if (!mayBegin(record, ports.rotation.defaults)) {
      throw new VendingError(
        'ROTATION_WAITS',
        'Keys that earlier rotations replaced are still on hosts, or too many pairs linger',
      );
    }
    const number = await freeNumber(ports, record);
    const standing = record.versions.at(-1)!;
    const nowMs = ports.clock.wallMs();
    begun = {
      id,
      state: 'requested',
      driver,
      reason,
      requestedBy: caller,
      requestedAtMs: nowMs,
      from: { id: standing.id, ...idOf(standing), fingerprint: standing.fingerprint },
      successorName: successorName(identity, number),
      hosts: {},
      waived: [],
      failures: 0,
      ...(driver === 'keyvend' ? { nextTryAtMs: nowMs } : {}), // AWS comes by itself
    };
    const earlier = record.rotations ?? [];
    const over = earlier.filter(isDone).slice(-KEPT);
    const kept = earlier.filter((one) => !isDone(one) || over.includes(one));
    const last = over.at(-1);
    const rotations = [...kept.map((one) => (isDone(one) && one !== last ? { ...one, hosts: {} } : one)), begun];
    return { ...record, rotations, successors: number - 1 };
  });
  return begun!;
}

/**
 * Has everything put back, if the new key does not count yet: this and the promotion are conditional on the same revision.
 * Hosts are touched only once nobody can be working on them any more.
 * @throws {VendingError} ROTATION_ABSENT, ROTATION_PROMOTED
 */
export async function cancelRotation(ports: CommandPorts, identity: Identity, id: string): Promise<Rotation> {
  const { clock, settings } = ports;
  const record = await changeRecord(ports, identity, (record) => {
    const rotation = rotationOf(record, id);
    if (rotation.state === 'cancelling' || rotation.state === 'cancelled') return record;
    if (hasReached(rotation, 'promoted')) throw new VendingError('ROTATION_PROMOTED', 'It is too late to cancel this');
    const { lease } = rotation;
    const freeAtMs = lease === undefined ? clock.wallMs() : lease.endsAtMs + settings.takeOverAfterMs;
    return withRotation(record, { ...rotation, state: 'cancelling', failures: 0, nextTryAtMs: freeAtMs });
  });
  return rotationOf(record, id);
}

/**
 * Lets the rotation go on without a host: nothing there is waited for any more, and it may be locked out.
 * @param host as the rotation lists it: `user@host:port`
 * @throws {VendingError} ROTATION_ABSENT, HOST_UNKNOWN
 */
export async function waiveHost(ports: CommandPorts, identity: Identity, id: string, host: string): Promise<Rotation> {
  const record = await changeRecord(ports, identity, (record) => {
    const rotation = rotationOf(record, id);
    const listed = policyOf(record, ports.rotation.defaults).hosts.some((one) => hostName(one) === host);
    if (!listed && !Object.hasOwn(rotation.hosts, host))
      throw new VendingError('HOST_UNKNOWN', 'No such host is listed');
    if (isDone(rotation)) return waivedOnItsWayOut(record, host, ports.clock.wallMs());
    if (rotation.waived.includes(host)) return record;
    const waits = rotation.lease === undefined && rotation.nextTryAtMs !== undefined;
    const again = waits ? { nextTryAtMs: ports.clock.wallMs() } : {};
    return withRotation(record, { ...rotation, ...again, waived: [...rotation.waived, host] });
  });
  return rotationOf(record, id);
}

/** What is on its way out waits for that host no more. */
function waivedOnItsWayOut(record: KeyPairRecord, host: string, nowMs: number): KeyPairRecord {
  const { outgoing } = record;
  if (outgoing === undefined || outgoing.pairs.every(({ waived }) => waived.includes(host))) return record;
  const pairs = outgoing.pairs.map((pair) => ({
    ...pair,
    waived: [...new Set([...pair.waived, host])],
    ...(pair.goneAtMs !== undefined && { nextTryAtMs: nowMs }),
  }));
  return withSooner({ ...record, outgoing: { ...outgoing, pairs } });
}

export interface PolicyCommand {
  readonly caller?: string;
  /** Called when a host that is listed is listed no more; throws where that is not for this caller to decide. */
  readonly beforeDropping?: () => void;
  /** The bounds that this caller's grant has of its own. */
  readonly floors?: Bounds;
}

/**
 * Replaces what is set for this key pair alone; the configuration says what is left out.
 * @throws {VendingError} KEY_PAIR_ABSENT, KEY_PAIR_RETIRED; HOSTS_TOO_MANY for more than one record can hold
 */
export async function setPolicy(
  ports: CommandPorts,
  identity: Identity,
  policy: PolicyChange,
  { caller, beforeDropping, floors }: PolicyCommand = {},
): Promise<KeyPairRecord> {
  const { hosts = [], targets = [] } = policy;
  const by = { ...(caller !== undefined && { setBy: caller }), ...(floors && { floors }) };
  const stored = { ...policy, ...by };
  return changeRecord(ports, identity, (record) => {
    const kept = new Set(hosts.map(accountName));
    const { hosts: listed, targets: meant = [] } = wantedPolicyOf(inUse(record), ports.rotation.defaults);
    const stay = new Set(targets.map((target) => JSON.stringify(target)));
    const drops =
      listed.some((host) => !kept.has(accountName(host))) || meant.some((one) => !stay.has(JSON.stringify(one)));
    if (drops) beforeDropping?.();
    const nowMs = ports.clock.wallMs();
    // What other targets found, or these long ago, says nothing of what the next look finds.
    const stands = targets.length > 0 && JSON.stringify(meant) === JSON.stringify(targets);
    const seen = stands && (record.found?.seenAtMs ?? 0) > nowMs - DAY_MS ? (record.found?.hosts ?? []) : [];
    const found = seen.filter(({ host }) => !kept.has(accountName(host)));
    const next = withOverlapsLookedAt({ ...record, policy: stored }, nowMs);
    return withRoom(withHostsListed(next, ports.rotation.defaults, nowMs), hosts, found);
  });
}

/** Until its overlap is over, a rotation has nothing to do on the hosts that it knows; one that was just listed gets the new key now. */
const withOverlapsLookedAt = ({ rotations, ...record }: KeyPairRecord, nowMs: number): KeyPairRecord => ({
  ...record,
  ...(rotations && {
    rotations: rotations.map((one) =>
      one.state === 'promoted' && one.lease === undefined && !isDone(one) ? { ...one, nextTryAtMs: nowMs } : one,
    ),
  }),
});

const inTheWay = () =>
  new VendingError('ROTATION_IN_PROGRESS', 'A rotation is still being cancelled', { retryAfterMs: 60_000 });
