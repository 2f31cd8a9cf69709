// What has to be true when everything is over: the promises of README and docs/reliability.md, each told with what breaks it.
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';
import type { World } from './world.ts';

export interface Verdict {
  readonly violations: readonly string[];
  /** What happened in the two windows that cannot be closed. */
  readonly windows: number;
}

export async function verdict(world: World): Promise<Verdict> {
  const { cloud, ledger, store, identity, acknowledged, announced } = world;
  const violations: string[] = [];
  const breaks = (promise: string, what: string) => void violations.push(`${promise}: ${what}`);

  const record = (await ledger.read(identity))?.record;
  const version = record?.state === 'active' ? record.versions.at(-1) : undefined;
  const kept = await store.find(identity).catch(() => undefined);
  const ours = cloud.pairs.filter(({ madeBy }) => madeBy !== 'stranger');
  const theirs = cloud.pairs.filter(({ madeBy }) => madeBy === 'stranger');
  const goneByStranger = new Set(cloud.removals.filter(({ by }) => by === 'stranger').map(({ pair }) => pair.id));

  const [first] = acknowledged;
  for (const { keyPairId } of acknowledged) {
    if (keyPairId !== first?.keyPairId) breaks('P5', `answered ${first?.keyPairId} and ${keyPairId}`);
  }
  if (first !== undefined && !goneByStranger.has(first.keyPairId)) {
    if (version?.keyPairId !== first.keyPairId)
      breaks('P1', `answered ${first.keyPairId}, on record ${version?.keyPairId}`);
    if (ours.length !== 1 || ours[0]?.id !== first.keyPairId) breaks('P1', `the pair is ${ours.map(({ id }) => id)}`);
    const current = kept?.versions.find((one) => one.current)?.id;
    if (current !== version?.id) breaks('P1', 'a reader does not get the key of the pair');
  }
  if (ours.length > 1) breaks('P5', `${ours.length} pairs of ours`);

  for (const pair of ours) {
    const key = version === undefined ? undefined : await store.reveal(identity, version.id);
    if (version?.keyPairId !== pair.id) breaks('P2', `${pair.id} is on no record`);
    else if (key === undefined) breaks('P2', `no key is stored for ${pair.id}`);
    else if (parsePrivateKey(key).publicKey !== pair.publicKey) breaks('P1', `another key is stored for ${pair.id}`);
  }
  // Under somebody else's pair nothing is touched: what the attempt left stays with it, on record, until that pair is gone.
  const blocked = record?.state === 'conflict' && theirs.length > 0;
  for (const { id } of kept?.versions ?? []) {
    if (blocked && id === record.attempt?.id) continue;
    const of = record?.versions.find((one) => one.id === id);
    if (of === undefined) breaks('P2', `the stored key ${id} is on no record`);
    else if (!goneByStranger.has(of.keyPairId) && !ours.some((pair) => pair.id === of.keyPairId)) {
      breaks('P2', `the stored key ${id} has no pair`);
    }
  }
  if (record?.attempt !== undefined && !blocked) breaks('P2', 'an attempt is open');
  if (record?.closing !== undefined && !blocked) breaks('P2', 'a closed attempt was not settled once more');
  if (version !== undefined && !announced.some(({ id }) => id === version.id)) breaks('P2', 'it was never announced');

  let windows = 0;
  for (const { pair, by } of cloud.removals) {
    if (by === 'stranger') continue;
    if (pair.madeBy === 'stranger') {
      breaks('P3', `${by} removed ${pair.id}, which is a stranger's`);
      windows += 1;
    } else if (acknowledged.some(({ keyPairId }) => keyPairId === pair.id)) breaks('P1', `${by} removed ${pair.id}`);
  }
  const theirSecret = await world.theirStore.find(identity).catch(() => undefined);
  if (world.strangersSecret && theirSecret?.versions.length !== 1) breaks('P3', "a stranger's secret is gone");

  const shown = [JSON.stringify([record, [...(await ledger.attempts(identity))], announced, acknowledged])];
  for (const error of world.thrown)
    shown.push(`${(error as Error).stack} ${JSON.stringify(error)} ${String((error as Error).cause)}`);
  for (const { pem } of cloud.handedOut) {
    const line = pem.split('\n')[1]!;
    if (shown.some((text) => text.includes(line))) breaks('P4', 'a private key is shown');
  }
  return { violations, windows };
}
