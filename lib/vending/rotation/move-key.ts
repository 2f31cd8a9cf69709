// Where a store keeps few versions of a secret: keys that linger move to secrets of their own, the earliest first, before there are so
// many that the next rotation would have to wait, or one would be dropped. Each step is on record before what it makes possible:
// `moving` before the key is sent there, `copied` once it was read back from there and before it is removed from the shared secret,
// `moved` once it was seen to be gone from that.
import { VendingError } from '../../errors.ts';
import { parsePrivateKey } from '../../ssh/private-key.ts';
import type { Version } from '../attempt.ts';
import { ownSecretOf, sharing } from '../own-secret.ts';
import { settledAtMs } from '../record.ts';
import { findStoredKeys, removeStoredKey } from '../stored-key.ts';
import { withPair } from './outgoing.ts';
import type { OutgoingPair, OwnSecret } from './outgoing-record.ts';
import { mayBeShared } from './room.ts';
import type { Work } from './rotation-record.ts';
import type { WorkLease } from './work-lease.ts';

type Lease = WorkLease<Work>;

/** Has one key moved; what fails is written down, so that it is tried again, and keeps no other key where it is. */
export type Tries = (versionId: string, act: () => Promise<void>) => Promise<void>;

/** Carries on what was begun, and moves as many more as it takes for a rotation to begin and to be tried twice. */
export async function makeRoom(lease: Lease, tries: Tries): Promise<void> {
  const { mostVersions = Number.POSITIVE_INFINITY } = lease.ports.rotation.defaults;
  for (const { pair, version } of movable(lease))
    if (pair.ownSecret !== undefined) await tries(version.id, () => move(lease, version));
  if (sharing(lease.record).length + 1 + SPARE < mostVersions) return; // without asking: far from it
  let enough = false;
  for (const { version } of movable(lease)) {
    if (enough) return;
    await tries(version.id, async () => {
      enough = await hasRoom(lease, mostVersions);
      if (!enough) await move(lease, version);
    });
  }
}

/** For a key more, and for that of another try, even if all that was sent arrives. */
async function hasRoom({ ports, identity, record }: Lease, mostVersions: number): Promise<boolean> {
  const { ids, arriving } = await mayBeShared(ports, record);
  if (ids.size + 1 >= mostVersions) return false;
  const { room = Number.POSITIVE_INFINITY } = (await findStoredKeys(ports.store, identity)) ?? {};
  return room >= arriving.size + 2;
}

/** So many attempts of rotations that were cancelled or tried again are thought possible before it is looked. */
const SPARE = 5;

/** What lingers, or waits for hosts, and is in the shared secret, in the order in which it was stored. */
const movable = ({ record, ports }: Lease): { readonly pair: OutgoingPair; readonly version: Version }[] =>
  record.versions.flatMap((version) => {
    const pair = record.outgoing?.pairs.find(({ versionId }) => versionId === version.id);
    const stays = pair !== undefined && (pair.held !== undefined || pair.goneAtMs !== undefined);
    if (!stays || pair.keyGoing || pair.ownSecret?.state === 'moved') return [];
    return ports.clock.wallMs() < settledAtMs(version, ports.settings) ? [] : { pair, version };
  });

/** @throws {VendingError} KEY_UNREADABLE, STORE_UNAVAILABLE, STORE_REFUSED, SECRET_NOT_OURS; DEADLINE_PASSED, LEASE_LOST */
async function move(lease: Lease, version: Version): Promise<void> {
  const { ports, identity } = lease;
  lease.requireTime(4 * ports.settings.callTimeoutMs);
  if (ownSecretIn(lease, version.id)?.state !== 'copied') await copy(lease, version);
  await removeStoredKey(ports, identity, version.id);
  const left = await findStoredKeys(ports.store, identity);
  if (left?.versions.some(({ id }) => id === version.id)) throw notYet('still shows a key that was moved');
  await change(lease, version.id, { state: 'moved' });
}

async function copy(lease: Lease, version: Version): Promise<void> {
  const { ports, identity, until } = lease;
  const { store, settings } = ports;
  const own = ownSecretOf(identity, version.id);
  await change(lease, version.id, { state: 'moving', landsByMs: until.wallMs + settings.horizonMs });
  const key = await store.reveal(identity, version.id);
  if (key === undefined || parsePrivateKey(key).publicKey !== version.publicKey)
    throw new VendingError('KEY_UNREADABLE', 'The key of a pair that lingers is not stored');
  await ports.deployment.assertHome();
  const { reference } = await store.put(own, version.id, key, until, version.keyPairId, lease.record.request);
  const back = await store.reveal(own, version.id);
  if (back?.reveal() !== key.reveal()) throw notYet('does not show a key that was stored');
  await change(lease, version.id, { state: 'copied' }, reference);
}

const ownSecretIn = ({ record }: Lease, versionId: string): OwnSecret | undefined =>
  record.outgoing?.pairs.find((pair) => pair.versionId === versionId)?.ownSecret;

const change = (lease: Lease, versionId: string, made: Partial<OwnSecret>, secretReference?: string): Promise<void> =>
  lease.change((work, record) => {
    const pair = record.outgoing!.pairs.find((one) => one.versionId === versionId)!;
    const ownSecret: OwnSecret = { state: 'moving', landsByMs: 0, ...pair.ownSecret, ...made };
    const versions = record.versions.map((version) =>
      version.id === versionId && secretReference !== undefined ? { ...version, secretReference } : version,
    );
    return [work, withPair({ ...record, versions }, { ...pair, ownSecret })];
  });

const notYet = (what: string) => new VendingError('STORE_UNAVAILABLE', `The secrets manager ${what}`);
