// The name where the cloud cannot rename pairs: once nothing has it, the public key that counts is imported under it. Each import is on
// record before it is signed, and no other is sent before it is known what became of it.
import { deadlineIn } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import { hasTags } from '../../provider-table.ts';
import type { ImportedPair, KeyPairProvider } from '../../providers/provider.ts';
import { pairNameOf, type Version } from '../attempt.ts';
import { DEPLOYMENT_TAG } from '../ownership.ts';
import { ofPair } from '../record.ts';
import { holdersOfPair } from '../rotation/holders.ts';
import { isHeld } from '../rotation/purge-version.ts';
import { rebind } from '../rotation/rebind.ts';
import { unlessLost } from '../rotation/step-support.ts';
import { isImported, landsByMs } from './imported-pair.ts';
import { blocked, changeSlot, didNothing, dropSlot, isForGood, type NameLease, slotOf } from './name-lease.ts';
import { aimOf, occupantOf } from './slot.ts';
import type { NameImport, NameSlot } from './slot-record.ts';
import { vacateName } from './vacate-name.ts';

/** One step. @returns when to come again; undefined when there is nothing to do until something changes */
export async function byImport(lease: NameLease): Promise<number | undefined> {
  const { record, identity, ports } = lease;
  const { held, importing, purging } = slotOf(lease);
  const nowMs = ports.clock.wallMs();
  if (importing !== undefined) return settled(lease, importing);
  const aim = aimOf(record, ports.rotation.defaults);
  if (held !== undefined && (held.versionId !== aim?.id || purging !== undefined)) return vacated(lease);
  if (held !== undefined) return undefined;
  if (aim === undefined || pairNameOf(identity, aim) === identity.name) return void (await dropSlot(lease));
  const occupant = occupantOf(record);
  if (occupant !== undefined) return waits(lease, occupant);
  const { closing } = record;
  if (closing !== undefined) return Math.max(closing.at(-1)!.untilMs, nowMs + 1);
  return imports(lease, aim);
}

/** For an old pair that has the name: until its overlap is over, and for as long as the cloud does not let it go. */
async function waits(lease: NameLease, { id }: Version): Promise<undefined> {
  const held = lease.record.outgoing?.pairs.find(({ versionId }) => versionId === id)?.held;
  await changeSlot(lease, ({ blocked: _, ...slot }) => ({ ...slot, ...(held && { blocked: held }) }));
}

async function imports(lease: NameLease, aim: Version): Promise<number | undefined> {
  const { ports, identity, until } = lease;
  const { clock, deployment, settings } = ports;
  const provider = await ports.providerFor(identity);
  const call = { timeoutMs: settings.callTimeoutMs, signBefore: until };
  const { pairs, cloudTime } = await provider.find(identity, call);
  if (pairs.length > 0) return blocked(lease, 'NAME_TAKEN');
  if (cloudTime === undefined) throw new VendingError('CLOUD_UNREACHABLE', 'The cloud did not send its time');
  const [{ tag }] = await Promise.all([deployment.tags(), deployment.assertHome(), provider.assertAccount()]);
  lease.requireTime(settings.createTimeoutMs + settings.callTimeoutMs);
  const signBefore = deadlineIn(clock, settings.callTimeoutMs);
  const importing: NameImport = {
    ...{ id: ports.newId(), versionId: aim.id, tag, openedAtMs: clock.wallMs() },
    ...{ createdByMs: signBefore.wallMs, absentAt: cloudTime.toISOString() },
  };
  const { defaults } = ports.rotation;
  await changeSlot(lease, (slot, now) =>
    aimOf(now, defaults)?.id === aim.id && occupantOf(now) === undefined && now.closing === undefined
      ? { ...slot, importing }
      : undefined,
  );
  if (slotOf(lease).importing?.id !== importing.id) return clock.wallMs();
  const { request } = lease.record;
  const tags = hasTags(provider.provider) ? { tags: { ...request.tags, [DEPLOYMENT_TAG]: tag } } : {};
  const pair = { ...ofPair(request), ...tags, region: identity.region, name: identity.name, publicKey: aim.publicKey };
  const made = await provider
    .import(pair, { timeoutMs: settings.createTimeoutMs, signBefore })
    .catch((error: unknown) => refused(lease, provider, error));
  return typeof made === 'number' ? made : holds(lease, importing, made);
}

/** What is refused made nothing. Where the name is taken, and pairs carry no tags, what has it gives no claim. */
async function refused(lease: NameLease, { provider }: KeyPairProvider, error: unknown): Promise<number> {
  const isTaken = error instanceof VendingError && error.code === 'NAME_TAKEN' && !hasTags(provider);
  if (!isTaken && !didNothing(error)) throw error;
  await changeSlot(lease, ({ importing: _, ...slot }) => slot);
  if (isTaken || isForGood(error)) return blocked(lease, (error as VendingError).code);
  throw error;
}

async function holds(
  lease: NameLease,
  importing: NameImport,
  { fingerprint }: Pick<ImportedPair, 'fingerprint'>,
): Promise<undefined> {
  const { firstAbsentAtMs: _, ...one } = importing;
  const held = { ...one, sinceMs: lease.ports.clock.wallMs(), ...(fingerprint !== undefined && { fingerprint }) };
  await changeSlot(lease, ({ importing: _before, blocked: _known, ...slot }): NameSlot => ({ ...slot, held }));
}

const SOON_MS = 30_000;

/** What became of an import whose answer nobody has heard. */
async function settled(lease: NameLease, importing: NameImport): Promise<number | undefined> {
  const { ports, identity, until } = lease;
  const { clock, settings } = ports;
  const provider = await ports.providerFor(identity);
  const call = { timeoutMs: settings.callTimeoutMs, signBefore: until };
  const { pairs } = await provider.find(identity, call);
  const version = lease.record.versions.find(({ id }) => id === importing.versionId);
  const found = version && pairs.find((pair) => isImported(ports, provider, pair, version, importing));
  if (found !== undefined) {
    await holds(lease, importing, {});
    return clock.wallMs();
  }
  const nowMs = clock.wallMs();
  const overMs = landsByMs(ports, provider.provider, importing);
  if (nowMs < overMs) return Math.min(overMs, nowMs + Math.max(SOON_MS, nowMs - importing.openedAtMs));
  const { firstAbsentAtMs } = importing;
  if (firstAbsentAtMs === undefined) {
    await changeSlot(lease, (slot) => ({ ...slot, importing: { ...importing, firstAbsentAtMs: nowMs } }));
    return nowMs + settings.absentTwiceMs;
  }
  if (nowMs < firstAbsentAtMs + settings.absentTwiceMs) return firstAbsentAtMs + settings.absentTwiceMs;
  await changeSlot(lease, ({ importing: _, ...slot }) => slot);
  return clock.wallMs();
}

/** The imported pair has an old key, or is to go for another reason. */
async function vacated(lease: NameLease): Promise<number | undefined> {
  const { ports, identity } = lease;
  const { held, blocked: before } = slotOf(lease);
  const pair = { region: identity.region, name: identity.name };
  // Once it was refused, it is asked what has the pair, before a delete is written down and sent once more.
  const by = before?.code === 'KEY_PAIR_IN_USE' ? await holdersOfPair(lease, pair) : {};
  try {
    if (by.count !== undefined) return await lingers(lease, by);
    const { until } = lease;
    const keep = (make: (slot: NameSlot) => NameSlot, also?: Parameters<typeof changeSlot>[2]) =>
      changeSlot(lease, make, also);
    const requireTime = (ms: number) => lease.requireTime(ms);
    const againAtMs = await vacateName({ ports, identity, until, requireTime, record: lease.record, keep });
    return againAtMs ?? ports.clock.wallMs();
  } catch (error) {
    if (!isHeld(error) || held === undefined) throw error;
    return lingers(lease, await holdersOfPair(lease, pair));
  }
}

async function lingers(lease: NameLease, by: Awaited<ReturnType<typeof holdersOfPair>>): Promise<number> {
  const old = lease.record.versions.find(({ id }) => id === slotOf(lease).held?.versionId);
  if (old !== undefined) await rebind(lease, old).catch(unlessLost);
  return blocked(lease, 'KEY_PAIR_IN_USE', by);
}
