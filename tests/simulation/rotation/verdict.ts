// What has to be true of a rotated key pair when everything is over.
import { pairNameOf } from '../../../lib/vending/attempt.ts';
import { ownerOf } from '../../../lib/vending/own-secret.ts';
import type { KeyPairRecord } from '../../../lib/vending/record.ts';
import { isOver } from '../../../lib/vending/rotation/rotation-record.ts';
import { publicKeyOf } from '../../doubles/key-pairs.ts';
import { STRANGER } from '../../doubles/memory-cloud.ts';
import { isMarked, markOf } from '../../doubles/pair-mark.ts';
import { trailOf } from '../promises.ts';
import { isTheirs, type Scene, successorsOf } from './scene.ts';

export async function verdict(scene: Scene): Promise<string[]> {
  const { all, identity, machines, management, foreign, cancelled, broken } = scene;
  const { ledger, store, cloud, announced, told } = all;
  const found: string[] = [...broken, ...all.holders.broken, ...(await trailOf(all))];
  const breaks = (promise: string, what: string) => void found.push(`${promise}: ${what}`);
  const record = (await ledger.read(identity))!.record;
  const { versions, rotations = [], state } = record;

  // Nothing is left under way.
  for (const rotation of rotations) {
    if (!isOver(rotation)) breaks('P2', `a rotation is still ${rotation.state}, ${rotation.lastError?.code}`);
    if (cancelled.has(rotation.id) && rotation.state !== 'cancelled')
      breaks('P5', `a rotation was cancelled, and is ${rotation.state}`);
    if (rotation.lease !== undefined) breaks('P2', 'a rotation is over and held');
  }
  const theirs = cloud.pairs.some(({ name, madeBy }) => name === identity.name && madeBy === STRANGER);
  if (state === 'conflict' && theirs) return found; // vended anew, and somebody else has the name: nothing is touched
  for (const what of [
    'attempt',
    'closing',
    'settleAtMs',
    'announceAtMs',
    'notices',
    'outgoing',
    'unlabelled',
    'unannounced',
    'rotateAtMs',
  ] as const)
    if (record[what] !== undefined && !(what === 'rotateAtMs' && isTheirs(scene, record)))
      breaks('P2', `the record still has ${what}`);
  if (state !== 'active' && state !== 'vacant') breaks('P2', `it is ${state}`);
  if (versions.length !== (state === 'active' ? 1 : 0))
    breaks('P2', `${versions.length} versions of a key that is ${state}`);

  // Pairs, keys and records agree, the successors' own ones too.
  const ours = cloud.pairs.filter(({ madeBy, name }) => madeBy !== STRANGER && name !== management?.identity.name);
  const standing = versions.at(-1);
  const imported = record.nameSlot?.held && ours.find(({ name }) => name === identity.name);
  found.push(...nameOf(scene, record));
  for (const pair of ours) {
    const isNamed = pair.id === imported?.id;
    const version = isNamed ? standing : versions.find((one) => isMarked(pair, markOf(one)));
    if (version === undefined) breaks('P2', `${pair.name} ${pair.id} is on no record`);
    else if (!isNamed && pairNameOf(identity, version) !== pair.name)
      breaks('P1', `${pair.name} is on record under another name`);
    const key = version && (await store.reveal(identity, version.id));
    if (key !== undefined && publicKeyOf(key) !== pair.publicKey)
      breaks('P1', `another key is stored for ${pair.name}`);
  }
  const taken = cloud.removals.filter(({ by }) => by === STRANGER).map(({ pair }) => pair);
  for (const mark of versions.map(markOf))
    if (![...ours, ...taken].some((pair) => isMarked(pair, mark))) breaks('P1', `${mark} is not there`);
  const kept = (await store.find(identity))?.versions ?? [];
  for (const { id, pending } of kept) {
    if (!versions.some((one) => one.id === id)) breaks('P2', `the stored key ${id} is on no record`);
    if (pending) breaks('P2', 'a key is still pending');
  }
  for (const { identity: place, versions: stored } of all.secrets.values())
    if (ownerOf(place).versionId !== undefined && [...stored.values()].some(({ removed }) => !removed))
      breaks('P2', `a key is left in ${place.name}`);
  for (const { id } of versions)
    if (!kept.some((one) => one.id === id && one.current)) breaks('P1', 'readers do not get the key');
  for (const successorName of successorsOf(record)) {
    const own = (await ledger.read({ ...identity, name: successorName }))?.record;
    const theirs = cloud.pairs.some(({ name, madeBy }) => name === successorName && madeBy === STRANGER);
    if (own?.state === 'conflict' && theirs) continue; // nothing is touched, for as long as they have the name
    const counts = versions.some(({ upstreamName }) => upstreamName === successorName);
    if (own !== undefined && own.state !== (counts ? 'active' : 'vacant'))
      breaks('P2', `${successorName} is ${own.state}`);
    if (own?.attempt !== undefined || own?.closing !== undefined) breaks('P2', `${successorName} is open`);
  }
  for (const { pair, by } of cloud.removals)
    if (by !== STRANGER && pair.madeBy === STRANGER) breaks('P3', `${by} removed ${pair.name}, which is a stranger's`);

  // Machines have the key that counts, no other of ours, and everybody else's lines.
  const key = standing?.publicKey.split(' ')[1];
  for (const machine of machines) {
    const { host, text, managed } = machine;
    const others = text.split('\n').filter((line) => line !== '' && !line.startsWith('no-pty '));
    if (others.join('\n') !== foreign.get(machine)!.join('\n')) breaks('P3', `a line is gone from ${host.host}`);
    const lines = text.split('\n').filter((line) => line.startsWith('no-pty '));
    if (!managed || key === undefined) continue;
    if (lines.length !== 1 || !lines[0]!.includes(key)) breaks('P6', `${host.host} has ${lines.length} lines of ours`);
    if (lines[0]?.endsWith(' deploy') === false) breaks('P6', `${host.host} has a line without its comment`);
  }
  const promoted = rotations.filter(({ state: reached }) => reached === 'purged');
  for (const { successor } of promoted) {
    const event = announced.find(({ id }) => id === successor?.id);
    if (event === undefined) breaks('P2', 'a rotation was never announced');
    else if (event.rotated === undefined) breaks('P2', 'a rotation was announced without the key pair before');
  }
  const texts = [JSON.stringify([announced, record, [...ledger.everFiled(identity)]]), ...told].join('\n');
  const secrets = cloud.handedOut.flatMap(({ pem, stored }) => [pem.split('\n')[1]!, stored.split('\n')[4]!]);
  if (secrets.some((part) => texts.includes(part))) breaks('P4', 'a private key is shown');
  return found;
}

/** Where the policy asks for that, the key pair's own name leads to the key that counts, unless somebody else has seen to it. */
function nameOf({ all: { cloud }, identity }: Scene, { nameSlot, policy, state, versions }: KeyPairRecord): string[] {
  const broken: string[] = [];
  if (nameSlot?.importing !== undefined || nameSlot?.renaming !== undefined || nameSlot?.purging !== undefined)
    broken.push('P2: something is still asked for the name');
  if (nameSlot?.work.lease !== undefined) broken.push('P2: the name is held by a worker');
  const there = cloud.pairs.find(({ name }) => name === identity.name);
  const touched = cloud.removals.some(({ by, pair }) => by === STRANGER && pair.name === identity.name);
  const standing = versions.at(-1);
  if (state !== 'active' || policy?.keepName !== true || touched || there?.madeBy === STRANGER) return broken;
  if (there === undefined) broken.push('P8: the name leads nowhere');
  else if (there.publicKey !== standing?.publicKey) broken.push(`P8: the name leads to ${there.id}, an old key`);
  return broken;
}
