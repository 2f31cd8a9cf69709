// Removing one version for good: the pair first, and its key only once the pair was twice seen to be gone. Deletes are on
// record before they are sent, and a pair that is not provably this version's is never touched.
import { VendingError } from '../../errors.ts';
import type { Identity } from '../../identity.ts';
import { rowOf } from '../../provider-table.ts';
import type { FoundPair, KeyPairProvider } from '../../providers/provider.ts';
import { pairNameOf, type Version } from '../attempt.ts';
import { deletingUntilMs } from '../close-attempt.ts';
import { fileRecord } from '../file-record.ts';
import { placesOf } from '../own-secret.ts';
import { ownershipOf } from '../ownership.ts';
import { type KeyPairRecord, settledLater } from '../record.ts';
import { removeStoredKey } from '../stored-key.ts';
import { evidenceOf, isPairOfVersion } from '../verify-key.ts';
import type { RotationPorts } from './rotation-ports.ts';
import type { Purging, Work } from './rotation-record.ts';
import type { WorkLease } from './work-lease.ts';

/** The worker that purges, and until when it may. */
export type Purger = Pick<WorkLease<Work>, 'ports' | 'identity' | 'record' | 'until' | 'requireTime'>;

export interface PurgeMark {
  readonly standing: Purging | undefined;
  /** Before a delete is signed: this is what cannot be taken back. */
  readonly save: (purging: Purging) => Promise<void>;
  /** After the cloud refused to let the pair go: it is whole, unless an earlier delete is said to be on its way. */
  readonly refused?: (purging: Purging) => Promise<void>;
}

/**
 * Has the pair removed, and its key once the pair was twice seen to be gone.
 * @returns when to come again, in wall-clock milliseconds; undefined when nothing of the version is left
 * @throws {VendingError} KEY_PAIR_IN_USE, and whatever cloud, store or ledger said
 */
export async function purgeVersion(lease: Purger, version: Version, mark: PurgeMark): Promise<number | undefined> {
  const againAtMs = await purgePair(lease, version, mark);
  if (againAtMs !== undefined) return againAtMs;
  lease.requireTime(1);
  return void (await purgeKey(lease, version));
}

/**
 * @returns when to come again, in wall-clock milliseconds; undefined when the pair was seen to be gone twice, and nothing that was
 * sent for it can arrive any more
 * @throws {VendingError} as `purgeVersion`
 */
export async function purgePair(lease: Purger, version: Version, mark: PurgeMark): Promise<number | undefined> {
  const { ports, identity } = lease;
  const { clock, settings } = ports;
  const at = calledBy(version, { ...identity, name: pairNameOf(identity, version) });
  const provider = await ports.providerFor(identity);
  const ours = mark.standing?.versionId === version.id ? mark.standing : { versionId: version.id };
  // Where the successor's record has it no more, that says that the pair is gone.
  const own = ownRecordOf(identity, version);
  if (own !== undefined && !(await isOnRecord(ports, own, version.id))) return undefined;

  const pair = await pairOf(lease, provider, at, version);
  if (pair !== undefined)
    return remove(lease, provider, { at: pair.id === undefined ? at : { ...at, id: pair.id }, own }, ours, mark);

  const nowMs = clock.wallMs();
  if (ours.firstAbsentAtMs === undefined) {
    await mark.save({ ...ours, firstAbsentAtMs: nowMs });
    if (own !== undefined) await marked(ports, own, version.id, 'purging');
    return nowMs + settings.absentTwiceMs;
  }
  const soonestMs = Math.max(ours.firstAbsentAtMs + settings.absentTwiceMs, ours.deletingUntilMs ?? 0);
  return nowMs < soonestMs ? soonestMs : undefined;
}

/** The key of a version whose pair is gone, and what its own record says of it. */
export async function purgeKey(
  { ports, identity, record }: Pick<Purger, 'ports' | 'identity' | 'record'>,
  version: Version,
): Promise<void> {
  for (const place of placesOf(record, version.id)) await removeStoredKey(ports, place, version.id);
  const own = ownRecordOf(identity, version);
  if (own !== undefined) await vacate(ports, own, version.id);
}

/** As a provider is asked for it. */
const calledBy = ({ keyPairId: id }: Version, at: Identity): Identity & { readonly id?: string } =>
  id === undefined ? at : { ...at, id };

/** A successor's record has the name that its pair was made with, whatever the pair is called by now. */
const ownRecordOf = (identity: Identity, { upstreamName }: Version): Identity | undefined =>
  upstreamName === undefined ? undefined : { ...identity, name: upstreamName };

/** The pair that belongs to this version's key, if it is there. @throws {VendingError} NAME_TAKEN when that cannot be told */
async function pairOf(
  lease: Purger,
  provider: KeyPairProvider,
  at: Identity & { readonly id?: string },
  version: Version,
): Promise<FoundPair | undefined> {
  const { ports, until } = lease;
  lease.requireTime(ports.settings.callTimeoutMs);
  const call = { timeoutMs: ports.settings.callTimeoutMs, signBefore: until };
  const { pairs } = await provider.find(at, call);
  const [own, ...others] = pairs.filter((pair) => isPairOfVersion(version, pair));
  if (own === undefined) return undefined; // whatever has the name now is not ours
  if (own.id !== undefined) return own; // an id is given once, and this one was acknowledged
  // What was adopted carries no tag of ours. Its key was proved to be the pair's, and is asked for again.
  const isProven = version.keySource === 'adopted' && evidenceOf(own, version.publicKey) === 'agrees';
  if (isProven && pairs.length === 1) return own;
  const ownership = await ownershipOf(ports, provider, at, pairs);
  if (others.length === 0 && ownership.whose === 'ours') return own;
  throw new VendingError('NAME_TAKEN', 'It cannot be decided whether the pair of that name is the one to purge');
}

async function remove(
  lease: Purger,
  provider: KeyPairProvider,
  { at, own }: { readonly at: Identity & { readonly id?: string }; readonly own: Identity | undefined },
  ours: Purging,
  mark: PurgeMark,
): Promise<number> {
  const { ports, until } = lease;
  const { clock, deployment, settings } = ports;
  await deployment.assertHome();
  lease.requireTime(settings.callTimeoutMs);
  const untilMs = deletingUntilMs(ports, at);
  const sentMs = ours.deletingUntilMs ?? 0;
  // By id, an earlier one can take no other pair.
  const earlierMs = rowOf(provider.provider).removesBy === 'name' ? sentMs : 0;
  const { versionId } = ours;
  const stillOnItsWay = (ms: number): Purging => ({
    versionId,
    ...(ms > clock.wallMs() && { deletingUntilMs: ms }),
  });
  await mark.save({ versionId, deletingUntilMs: Math.max(untilMs, sentMs) });
  if (own !== undefined) await marked(ports, own, versionId, 'purging');
  try {
    await provider.remove(at, { timeoutMs: settings.callTimeoutMs, signBefore: until });
  } catch (error) {
    if (isHeld(error)) {
      const left = stillOnItsWay(sentMs);
      if (left.deletingUntilMs === undefined && own !== undefined) await marked(ports, own, versionId, 'active');
      await mark.refused?.(left);
    }
    throw error;
  }
  await mark.save(stillOnItsWay(earlierMs));
  return clock.wallMs();
}

/** Whether the cloud says that something has the pair, and that nothing was done. */
export const isHeld = (error: unknown): error is VendingError =>
  error instanceof VendingError && error.code === 'KEY_PAIR_IN_USE' && error.effect === 'none';

async function isOnRecord({ ledger }: RotationPorts, at: Identity, versionId: string): Promise<boolean> {
  const filed = await ledger.read(at);
  return filed?.record.versions.some(({ id }) => id === versionId) ?? false;
}

/**
 * Marks the successor's own record as purging, so that nobody takes what is missing for lost; or takes the mark back: the cloud keeps
 * the pair, and nothing is on its way that could remove it. The key pair's own record says so first.
 */
async function marked(
  ports: RotationPorts,
  at: Identity,
  versionId: string,
  state: 'active' | 'purging',
): Promise<void> {
  const filed = await ports.ledger.read(at);
  if (filed === undefined || !filed.record.versions.some(({ id }) => id === versionId)) return;
  if (filed.record.state === state) return;
  if ((await fileRecord(ports, filed, { ...filed.record, state })) === 'conflict') throw busy();
}

/** Takes the version off the successor's record. What its attempt signed may still arrive; then it is settled once more. */
async function vacate(ports: RotationPorts, at: Identity, versionId: string): Promise<void> {
  const { ledger, clock, settings } = ports;
  const [filed, attempts] = [await ledger.read(at), await ledger.attempts(at)];
  if (filed === undefined) return;
  const versions = filed.record.versions.filter(({ id }) => id !== versionId);
  if (versions.length === filed.record.versions.length) return;
  const { createdByMs = 0, absentAt } = attempts.get(versionId) ?? {};
  const untilMs = createdByMs + settings.horizonMs;
  const lease = { holder: '', endsAtMs: createdByMs };
  const attempt = { id: versionId, lease, createdByMs, ...(absentAt === undefined ? {} : { absentAt }) };
  const closing = [...(filed.record.closing ?? []), ...(untilMs > clock.wallMs() ? [{ untilMs, attempt }] : [])];
  closing.sort((a, b) => a.untilMs - b.untilMs);
  const record: KeyPairRecord = { ...filed.record, state: 'vacant', versions, ...settledLater(closing) };
  if ((await fileRecord(ports, filed, record)) === 'conflict') throw busy();
}

const busy = () =>
  new VendingError('IN_PROGRESS', "Others are changing the successor's record", { retryAfterMs: 1_000 });
