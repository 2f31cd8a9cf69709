// What has to be true when all is over: the promises of README and docs/reliability.md, each with what breaks it.
import { VendingError } from '../../lib/errors.ts';
import { type Identity, identityKey } from '../../lib/identity.ts';
import type { Secret } from '../../lib/secret.ts';
import type { KeyPairRecord } from '../../lib/vending/record.ts';
import { readTrail, verifyTrail } from '../../lib/vending/verify-trail.ts';
import { publicKeyOf } from '../doubles/key-pairs.ts';
import type { CloudPair } from '../doubles/memory-cloud.ts';
import { isMarked, markOf } from '../doubles/pair-mark.ts';
import { lostKeys } from './imports.ts';
import type { Process } from './process.ts';
import { type Windows, windowOf } from './windows.ts';
import type { Name, World } from './world.ts';

export interface Verdict {
  readonly violations: readonly string[];
  /** What happened in the two windows that cannot be closed. */
  readonly windows: Windows;
  /** Pairs that were made, and whose keys nobody has. */
  readonly lost: number;
}

export async function verdict(world: World): Promise<Verdict> {
  const violations: string[] = [];
  const windows = { 'same name': 0, replaced: 0 };
  for (const named of world.names) {
    const { name } = named.identity;
    violations.push(...named.broken, ...(await brokenAtLast(world, named)));
    for (const removal of world.cloud.removals.filter(({ pair, by }) => pair.name === name && world.isOurs(by))) {
      if (world.madeHere(removal.pair)) continue;
      const window = await windowOf(world, named.identity, removal);
      // Of what is imported, the key tells, wherever the cloud shows anything of it.
      const isTold = window === 'same name' && world.unusual.keySource === 'import' && !world.cloud.vague;
      if (window === undefined || isTold)
        violations.push(`P3: ${removal.by} removed ${removal.pair.id}, which ${removal.pair.madeBy} made`);
      else windows[window] += 1;
    }
  }
  violations.push(...world.holders.broken, ...(await trailOf(world)), ...(await placesOf(world)));
  const ledgers = [world, ...world.neighbours].map(({ ledger }) => ledger);
  const attempts = world.names.flatMap(({ identity }) => ledgers.map((ledger) => ledger.everFiled(identity)));
  const sent = (call: string) => world.line.sent.get(call) ?? 0;
  const creates = sent('cloud.create') + sent('cloud.import');
  const most = attempts.reduce((sum, { size }) => sum + size, 0);
  if (world.isOurs('') && creates > most) violations.push(`P5: ${creates} creates were sent for ${most} attempts`);
  violations.push(...(await shown(world)), ...asked(world));
  const kept = world.fenced ? violations.filter((what) => /^P[34]:/.test(what)) : violations;
  return { violations: kept, windows, lost: lostKeys(world) };
}

/**
 * What counts has its place among those of its grant, and what does not exist has none; unless a request for a place, or to give one
 * back, came later than it was meant, from the network or from somebody who was frozen: that stays until somebody reconciles.
 */
async function placesOf({ fenced, ledger, line, names, processes }: World): Promise<string[]> {
  if (fenced) return [];
  const broken: string[] = [];
  const late =
    processes.some(({ wasFrozen }) => wasFrozen) ||
    line.trace.some((what) => /ledger\.(claim|unclaim) of \S+ arrives (late|once more)/.test(what));
  for (const { identity } of names) {
    const { state, closing } = (await ledger.read(identity))?.record ?? { state: 'vacant' };
    const counted = ledger.claimed('access/team').has(identityKey(identity));
    if (state === 'active' && !counted && !late) broken.push(`P7: ${identity.name} is not among those of its grant`);
    if (state === 'vacant' && closing === undefined && counted && !late)
      broken.push(`P7: ${identity.name} is gone, and has a place among those of its grant`);
  }
  return broken;
}

/**
 * Every change is in the trail, which is whole, also by what was kept elsewhere; and nothing was acknowledged that is not in it.
 * A ledger that was put back has a trail that was cut off: that, a copy elsewhere shows, and is not looked at here.
 */
export async function trailOf({
  fenced,
  ledger,
  names,
  scheduler,
  sent,
}: Pick<World, 'fenced' | 'ledger' | 'names' | 'scheduler' | 'sent'>): Promise<string[]> {
  if (fenced) return [];
  const broken: string[] = [];
  const clock = { wallMs: () => scheduler.nowMs, monotonicMs: () => scheduler.nowMs };
  for (const { identity, acknowledged } of names) {
    const record = (await ledger.read(identity))?.record;
    if (record === undefined) continue;
    const entries = await readTrail({ ledger, clock }, record);
    const anchors = sent.filter(({ name }) => name === identity.name);
    const { faults } = verifyTrail(record, entries, anchors);
    broken.push(...faults.map((fault) => `P7: trail of ${identity.name}: ${fault}`));
    for (const one of acknowledged)
      if (![...entries.values()].some(({ after }) => [after.keyPairId, after.fingerprint].includes(markOf(one))))
        broken.push(`P7: ${markOf(one)} was acknowledged, and is not in the trail`);
  }
  return broken;
}

/** What is promised to whoever is answered holds at that very moment. */
export async function brokenAtAnswer(
  { cloud, store, secrets, ledger, line, isOurs, own }: World,
  identity: Identity,
  vended: { readonly keyPairId?: string; readonly fingerprint: string },
): Promise<string[]> {
  const mark = markOf(vended);
  const is = (pair: CloudPair) => isMarked(pair, mark);
  const pair = cloud.pairs.find(is) ?? cloud.removals.find(({ pair, by }) => is(pair) && !isOurs(by))?.pair;
  if (pair === undefined) return [`P1: answered ${mark}, which is not there`];
  const broken: string[] = [];
  if (pair.fingerprint !== vended.fingerprint) broken.push(`P1: answered another fingerprint than that of ${mark}`);
  const versions = (await ledger.read(identity))?.record.versions ?? [];
  const version = versions.find((one) => markOf(one) === mark);
  // Or can be brought back, as a later look has it done.
  if (own.callersKey && version !== undefined && version.secretReference === undefined) return broken;
  const key = version && ((await store.reveal(identity, version.id)) ?? keptOf(secrets, identity, version.id));
  if (key === undefined) broken.push(`P1: answered ${mark}, whose key is not stored`);
  else if (publicKeyOf(key) !== pair.publicKey) broken.push(`P1: answered ${mark}, and another key is stored`);
  for (const what of broken) line.note('all', what);
  return broken;
}

const keptOf = (secrets: World['secrets'], identity: Identity, versionId: string): Secret | undefined => {
  const version = secrets.get(identityKey(identity))?.versions.get(versionId);
  return version?.removed === false ? version.key : undefined;
};

/** A process that the store has failed does not leave the pair to recovery: it at least tries, while it may act. */
export function brokenAtFailure({ cloud, scheduler }: World, process: Process, error: unknown): string[] {
  const { name, calls, wasFrozen, beganAtMs } = process;
  const failed = error instanceof VendingError && error.code.startsWith('STORE_') && calls.includes('store.put');
  const since = calls.slice(calls.lastIndexOf('store.put'));
  const tried = ['cloud.find', 'cloud.remove', 'ledger.home', 'ledger.write'].some((call) => since.includes(call));
  if (!failed || tried || wasFrozen || scheduler.nowMs - beganAtMs > 30_000) return [];
  return cloud.pairs.some(({ madeBy }) => madeBy === name) ? ['P2: a pair is left whose key the store refused'] : [];
}

async function brokenAtLast(world: World, { identity, acknowledged, strangersSecret }: Name): Promise<string[]> {
  const { cloud, ledger, store, announced } = world;
  const broken: string[] = [];
  const breaks = (promise: string, what: string) => void broken.push(`${promise}: ${what}`);

  const record = (await ledger.read(identity))?.record;
  const version = record?.state === 'active' ? record.versions.at(-1) : undefined;
  const kept = await store.find(identity).catch(() => undefined);
  const there = cloud.pairs.filter(({ name }) => name === identity.name);
  // What was adopted is ours to look after, whoever made it.
  const isAdopted = (pair: CloudPair) => version?.keySource === 'adopted' && isMarked(pair, markOf(version));
  const ours = there.filter((pair) => world.madeHere(pair) || isAdopted(pair));
  const goneByOthers = new Set(
    cloud.removals.filter(({ by }) => !world.isOurs(by)).flatMap(({ pair }) => [pair.id, pair.fingerprint]),
  );

  const [first] = acknowledged;
  const was = first && markOf(first);
  for (const { request, ...one } of acknowledged) {
    if (markOf(one) !== was) breaks('P5', `answered ${was} and ${markOf(one)}`);
    if (request !== first?.request && identity.provider !== 'ens') breaks('P5', 'answered two different requests');
  }
  if (ours.length > 1) breaks('P5', `${ours.length} pairs of ours`);
  const onRecord = version && markOf(version);
  const isThere = (mark: string | undefined) => ours[0] !== undefined && isMarked(ours[0], mark);
  if (was !== undefined && onRecord !== was) breaks('P1', `answered ${was}, on record ${onRecord}`);
  if (was !== undefined && !goneByOthers.has(was) && !isThere(was))
    breaks('P1', `answered ${was}, there is ${ours[0]?.id}`);

  for (const pair of ours) {
    const key = version && (await store.reveal(identity, version.id).catch(() => undefined));
    if (!isMarked(pair, onRecord)) breaks('P2', `${pair.id} is on no record`);
    else if (key === undefined && version?.keySource !== undefined && version.secretReference === undefined) continue;
    else if (key === undefined) breaks('P2', `no key is stored for ${pair.id}`);
    else if (publicKeyOf(key) !== pair.publicKey) breaks('P1', `another key is stored for ${pair.id}`);
  }
  // While somebody else's pair has the name, nothing is touched: what attempts left stays, on record, until it is gone.
  const blocked = record?.state === 'conflict' && !there.every(world.madeHere);
  const waiting = [record?.attempt?.id, ...(record?.closing ?? []).map(({ attempt }) => attempt.id)];
  for (const { id } of kept?.versions ?? []) {
    if (blocked && waiting.includes(id)) continue;
    const of = record?.versions.find((one) => one.id === id);
    if (of === undefined) breaks('P2', `the stored key ${id} is on no record`);
    else if (!goneByOthers.has(markOf(of)) && !isThere(markOf(of))) breaks('P2', `the stored key ${id} has no pair`);
  }
  if (!blocked) broken.push(...leftOpen(record));
  if (version !== undefined) {
    if (!announced.some(({ id }) => id === version.id)) breaks('P2', 'it was never announced');
    if (version.secretReference !== undefined && kept?.versions.find((one) => one.current)?.id !== version.id)
      breaks('P1', 'readers do not get its key');
  }
  const theirs = await world.theirStore.find(identity).catch(() => undefined);
  if (strangersSecret && theirs?.versions.length !== 1) breaks('P3', "a stranger's secret is gone");
  return broken;
}

const leftOpen = (record: KeyPairRecord | undefined): string[] =>
  (['attempt', 'closing', 'settleAtMs', 'secretDeletingUntilMs', 'announceAtMs', 'unlabelled', 'unannounced'] as const)
    .filter((what) => record?.[what] !== undefined && (what !== 'secretDeletingUntilMs' || record.state === 'active'))
    .map((what) => `P2: the record still has ${what}`);

/** A right that nobody has to need: whoever answers callers does not even ask for a stored key. */
const asked = ({ processes }: World): string[] =>
  processes
    .filter(({ readsKeys, calls }) => !readsKeys && calls.includes('store.reveal'))
    .map(({ name }) => `P4: ${name} asked for a stored key, which it may not read`);

async function shown({ names, cloud, ledger, announced, told }: World): Promise<string[]> {
  const written: unknown[] = [announced];
  for (const { identity, acknowledged } of names)
    written.push(acknowledged, await ledger.read(identity), [...ledger.everFiled(identity)]);
  const texts = [JSON.stringify(written), ...told].join('\n');
  const pieces = cloud.handedOut.flatMap(({ pem, stored }) => [pem.split('\n')[1]!, stored.split('\n')[4]!]);
  return pieces.some((piece) => texts.includes(piece)) ? ['P4: a private key is shown'] : [];
}
