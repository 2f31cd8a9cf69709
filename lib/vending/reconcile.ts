// Reconciling: compares one place's ledger, cloud and secret store with each other, in both directions. Recovery follows what
// the ledger says is open; this finds what the ledger does not say. It changes nothing unless asked to, and then only by
// settling (settle-stray.ts). What differs is read twice: while things are being made, a name is checked once more by itself.

import { type Identity, identityKey, type Place } from '../identity.ts';
import type { Filed } from '../ledger/ledger.ts';
import type { FoundPair, KeyPairProvider } from '../providers/provider.ts';
import type { StoredSecret } from '../secrets/secret-store.ts';
import { pairNameOf, type Version } from './attempt.ts';
import { type Finding, isDoubtful, type Kind } from './finding.ts';
import { type ListedSecrets, listedSecrets, secretsIn } from './listed-secrets.ts';
import { liveRecords, recordsIn } from './live-records.ts';
import { ownerOf, ownSecretOf } from './own-secret.ts';
import { ownershipOf } from './ownership.ts';
import type { Ports } from './ports.ts';
import { takeTurn } from './rate-limit.ts';
import { type KeyPairRecord, secretIdentityOf } from './record.ts';
import { isUnderWay } from './rotation/rotation-record.ts';
import { withoutHosts } from './rotation/without-hosts.ts';
import { settleStray } from './settle-stray.ts';
import { findStoredKeys } from './stored-key.ts';
import { evidenceOf } from './verify-key.ts';

/** The version whose pair is looked for under the record's name: the one that was imported under it, or the one that was made with it. */
const named = ({ versions, nameSlot }: KeyPairRecord): Version | undefined =>
  versions.find(({ id, upstreamName }) =>
    nameSlot?.held === undefined ? upstreamName === undefined : id === nameSlot.held.versionId,
  );

interface Seen {
  readonly filed: Filed<KeyPairRecord> | undefined;
  readonly pairs: readonly FoundPair[];
  readonly secret: StoredSecret | undefined;
  /** Ids of versions whose keys have secrets of their own. */
  readonly moved: readonly string[];
}

interface Limits {
  readonly fix?: boolean;
  /** The secrets of all places, where they are at hand: what was stored since then is looked at by its name. */
  readonly listed?: ListedSecrets;
  /** Milliseconds that are left; what differs after that is not looked at. */
  readonly left?: () => number;
  /** Called where there was no time for all of it. */
  readonly unfinished?: () => void;
}

/** @returns one finding for every name that the ledger, the cloud or the store has there, in order of name */
export async function reconcile(
  ports: Ports,
  place: Place,
  { fix = false, listed, left = () => Number.POSITIVE_INFINITY, unfinished }: Limits = {},
): Promise<readonly Finding[]> {
  const provider = await ports.providerFor({ ...place, name: '-' });
  const seen = await everything(ports, provider, place, listed);
  if (fix) await giveBackPlaces(ports, place);
  const findings: Finding[] = [];
  for (const name of [...seen.keys()].sort()) {
    const identity = { ...place, name };
    let kind = await kindOf(ports, provider, identity, seen.get(name)!);
    // Both ask the cloud about this one name. Callers come first, as with recovery.
    if ((differs(kind) || (fix && isFixable(kind))) && !(left() > 0 && (await takeTurn(ports, identity, left)))) {
      unfinished?.();
      break;
    }
    if (differs(kind)) {
      const again = await lookAt(ports, provider, identity, seen.get(name)!);
      if (again === undefined) continue;
      seen.set(name, again);
      kind = await kindOf(ports, provider, identity, again);
    }
    const keyPairId = seen.get(name)!.pairs[0]?.id ?? seen.get(name)!.filed?.record.versions.at(-1)?.keyPairId;
    if (fix) await countAnew(ports, seen.get(name)!.filed?.record);
    const fixed = fix && isFixable(kind) ? await settleStray(ports, provider, identity) : undefined;
    findings.push({ name, kind, ...(keyPairId && { keyPairId }), ...(fixed && { fixed }) });
  }
  return findings;
}

/** Among those of its grant: what came later than it was meant may have taken one away. */
async function countAnew({ ledger }: Ports, record: KeyPairRecord | undefined): Promise<void> {
  // What is on its way out or in the making may be given back at this very moment.
  if (record?.claimed !== undefined && record.state === 'active')
    await ledger.claim(record.claimed, identityKey(record.identity), Number.MAX_SAFE_INTEGER);
}

/** Or may have left one too many. */
async function giveBackPlaces({ ledger }: Ports, place: Place): Promise<void> {
  const isOver = ({ state, closing }: KeyPairRecord) => state === 'vacant' && closing === undefined;
  for await (const { identity, claimed } of recordsIn(ledger, place, { state: 'vacant', own: true })) {
    const seen = claimed === undefined ? undefined : (await ledger.read(identity))?.record;
    if (seen?.claimed === undefined || !isOver(seen)) continue;
    await ledger.unclaim(seen.claimed, identityKey(identity));
    // Whoever vends it again says so in the record first, and may have claimed before that arrived.
    const after = (await ledger.read(identity))?.record;
    if (after?.claimed !== undefined && !isOver(after))
      await ledger.claim(after.claimed, identityKey(identity), Number.MAX_SAFE_INTEGER);
  }
}

/** What the cloud is asked about once more, by its name. */
const differs = (kind: Kind): boolean => isDoubtful(kind) && kind !== 'unrecorded';
const isFixable = (kind: Kind): boolean => differs(kind) || kind === 'in-progress';

async function everything(
  ports: Ports,
  provider: KeyPairProvider,
  place: Place,
  listed?: ListedSecrets,
): Promise<Map<string, Seen>> {
  const seen = new Map<string, Seen>();
  const add = (name: string, what: (before: Seen) => Seen) =>
    void seen.set(name, what(seen.get(name) ?? { filed: undefined, pairs: [], secret: undefined, moved: [] }));

  // The ledger last: what it does not know by then was not made by any attempt that was on record when it was seen.
  const { pairs } = await provider.list(
    { region: place.region, passes: 1 },
    { timeoutMs: ports.settings.callTimeoutMs },
  );
  for (const pair of pairs) add(pair.name, (before) => ({ ...before, pairs: [...before.pairs, pair] }));
  for (const secret of secretsIn(listed ?? (await listedSecrets(ports.store)), place)) {
    const { owner, versionId } = ownerOf(secret.identity);
    const own = versionId === undefined ? [] : [versionId];
    add(owner.name, (b) => ({ ...b, secret: together(b.secret, secret), moved: [...b.moved, ...own] }));
  }
  const filed = (record: KeyPairRecord) =>
    add(record.identity.name, (before) => ({ ...before, filed: { record: whatCounts(record), revision: 0 } }));
  for await (const record of liveRecords(ports.ledger, place)) filed(record);
  // Vacant ones, of which there is one for each name that ever was, and what has moved while it was read.
  for (const [name, one] of seen) {
    const left = one.filed === undefined ? await ports.ledger.read({ ...place, name }) : undefined;
    if (left !== undefined) filed(left.record);
  }
  for (const [name, one] of seen) {
    const { record } = one.filed ?? {};
    if (record?.successorOf !== undefined) {
      const { secret, moved = [] } = seen.get(record.successorOf) ?? {};
      seen.set(name, { ...one, secret: ownOf(record, secret), moved });
    }
  }
  byTheirNames(seen);
  return seen;
}

/** A pair that was given another name counts as under the one that it was made with, where that has a record; else it is its key pair's. */
function byTheirNames(seen: Map<string, Seen>): void {
  for (const { filed } of [...seen.values()])
    for (const version of filed?.record.versions ?? []) {
      const { identity } = filed!.record;
      const called = pairNameOf(identity, version);
      const there = seen.get(called)?.pairs.find(({ id }) => id !== undefined && id === version.keyPairId);
      if (version.pairName === undefined || there === undefined) continue;
      const own = version.upstreamName ?? identity.name;
      if (called === own) continue;
      const left = seen.get(called)!;
      const pairs = left.pairs.filter((pair) => pair !== there);
      if (pairs.length === 0 && left.filed === undefined && left.secret === undefined) seen.delete(called);
      else seen.set(called, { ...left, pairs });
      seen.set(own, { ...seen.get(own)!, pairs: [...(seen.get(own)?.pairs ?? []), there] });
    }
}

/** A whole place is held in memory: what says neither what is there nor what should be is left out. */
function whatCounts(record: KeyPairRecord): KeyPairRecord {
  const { policy: _, found: _found, hostKeys: _keys, trail: _trail, notices: _told, ...rest } = record;
  return withoutHosts(rest, () => true);
}

/** The keys of one key pair, whether they share a secret or have one of their own. A key that is just being moved is in both. */
function together(one: StoredSecret | undefined, other: StoredSecret): StoredSecret {
  const known = new Set(one?.versions.map(({ id }) => id));
  return one === undefined
    ? other
    : { ...one, versions: [...one.versions, ...other.versions.filter(({ id }) => !known.has(id))] };
}

/** Of the keys that are stored under another name, the successor's own. */
function ownOf({ versions, attempt }: KeyPairRecord, secret: StoredSecret | undefined): StoredSecret | undefined {
  const own = secret?.versions.filter(({ id }) => id === attempt?.id || versions.some((version) => version.id === id));
  return secret === undefined || own === undefined || own.length === 0 ? undefined : { ...secret, versions: own };
}

/** Undefined when nothing is there any more. */
async function lookAt(
  ports: Ports,
  provider: KeyPairProvider,
  identity: Identity,
  before: Seen,
): Promise<Seen | undefined> {
  const { moved } = before;
  const id = before.pairs.find(({ name }) => name !== identity.name)?.id; // it has another name by now
  const called = { ...identity, ...(id !== undefined && { id }) };
  const { pairs } = await provider.find(called, { timeoutMs: ports.settings.callTimeoutMs });
  const filed = await ports.ledger.read(identity);
  const { record } = filed ?? {};
  const place = record === undefined ? identity : secretIdentityOf(record);
  let stored = await findStoredKeys(ports.store, place);
  // A key is in its own secret before it leaves this one, so whoever looks in this order sees it.
  for (const id of new Set([...moved, ...(record?.versions ?? []).map((version) => version.id)])) {
    if (stored?.versions.some((version) => version.id === id)) continue;
    const own = await findStoredKeys(ports.store, ownSecretOf(place, id));
    if (own !== undefined) stored = together(stored, own);
  }
  const secret = record?.successorOf === undefined ? stored : ownOf(record, stored);
  const nothing = pairs.length === 0 && secret === undefined && (filed?.record.state ?? 'vacant') === 'vacant';
  return nothing ? undefined : { filed, pairs, secret, moved };
}

async function kindOf(ports: Ports, provider: KeyPairProvider, identity: Identity, seen: Seen): Promise<Kind> {
  const { filed, pairs, secret } = seen;
  const { state = 'vacant', versions = [], rotations = [], settleAtMs } = filed?.record ?? {};
  // A rotation's successor is found under its own name; its key is known before it counts.
  const version = state === 'vending' || filed === undefined ? undefined : named(filed.record);
  if (filed?.record.nameSlot?.importing !== undefined || filed?.record.nameSlot?.renaming !== undefined)
    return 'in-progress';
  const deleted = [...rotations, ...(filed?.record.outgoing?.pairs ?? [])];
  const onItsWayOut = state === 'purging' || deleted.some(({ purging }) => purging !== undefined);
  if (version === undefined) {
    if (state === 'vending' || onItsWayOut) return 'in-progress';
    if (versions.length > 0 && pairs.length === 0) return 'matched';
    if (pairs.length === 0 && secret === undefined) return 'in-progress';
    if (pairs.length === 0) return (await isOnFile(ports, identity, secret)) ? 'secret-only' : 'unrecorded';
    const { whose } = await ownershipOf(ports, provider, identity, pairs);
    // The key is stored, and the ledger knows of no such pair: it was lost, or it is not the one that it was.
    const isStored = secret?.versions.some(({ id }) => versions.every((one) => one.id !== id)) === true;
    if (whose !== 'ours') return whose === 'unrecorded' || isStored ? 'unrecorded' : 'foreign';
    if (settleAtMs !== undefined) return 'in-progress';
    return isStored ? 'unacknowledged' : 'upstream-only';
  }
  const isElsewhere = version.secretReference === undefined; // only its owner has it
  const stored = secret?.versions.some(({ id }) => id === version.id) ?? false;
  const [pair] = pairs;
  if (onItsWayOut && (pair === undefined || (!stored && !isElsewhere))) return 'in-progress';
  if (pair === undefined) return stored ? 'secret-only' : 'ledger-only';
  if (pairs.length > 1) return 'foreign';
  if (evidenceOf(pair, version.publicKey) === 'contradicts') return 'fingerprint-mismatch';
  if (!stored && !isElsewhere) return 'upstream-only';
  if (secret === undefined) return 'matched';
  const known = [...versions, ...rotations.map(({ successor }) => successor)].map((one) => one?.id);
  if (secret?.versions.every(({ id }) => known.includes(id))) return 'matched';
  if (rotations.some(isUnderWay)) return 'in-progress';
  return (await isOnFile(ports, identity, secret)) ? 'stray-key' : 'unrecorded';
}

/** Whether an attempt of this identity stored any of those keys that do not count. */
async function isOnFile({ ledger }: Ports, identity: Identity, secret: StoredSecret | undefined): Promise<boolean> {
  const attempts = await ledger.attempts(identity);
  const counts = new Set((await ledger.read(identity))?.record.versions.map(({ id }) => id));
  return secret?.versions.some(({ id }) => attempts.has(id) && !counts.has(id)) === true;
}
