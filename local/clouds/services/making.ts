// How a pair comes to be, the same for the three services: check, take a key, check again, keep, and only then answer.
import type { KeyObject } from 'node:crypto';
import { publicKeyLine } from '../../../lib/ssh/public-key.ts';
import { digest } from '../keys/digests.ts';
import type { ImportedKey } from '../keys/imported.ts';
import { formatted } from '../keys/private-key-formats.ts';
import type { Pair } from '../state/registry.ts';
import type { World } from './service.ts';

/** What the request says about the pair; the rest has a value of its own. */
export interface Draft {
  readonly name: string;
  readonly tags?: Pair['tags'];
  readonly resourceGroupId?: string;
  readonly projectId?: number;
}

/**
 * @param check refuses where something stands against the pair right now: a taken name, a full account
 * @returns the pair and its private key in the service's format. This is the only place that holds the key, and it does not
 * keep it
 */
export async function create(
  world: World,
  draft: Draft,
  check: () => void,
): Promise<{ pair: Pair; privateKey: string }> {
  const { behaviour, place } = world;
  check();
  const { key, composed } = await world.newKey(behaviour[`${place.service}.keyBits`]);
  check(); // another request may have taken the name while this one waited for its key
  const origin = composed ? 'composed' : 'generated';
  const pair = await keep(world, draft, { line: publicKeyLine(key), digestOf: key }, origin);
  return { pair, privateKey: formatted(key, behaviour[`${place.service}.privateKeyFormat`]) };
}

/** Registers a public key that the user brought. */
export async function importKey(world: World, draft: Draft, key: ImportedKey, check: () => void): Promise<Pair> {
  check();
  return keep(world, draft, key, 'imported');
}

/** Adds the pair and puts it on disk. When the disk refuses, the pair does not exist. */
export async function keep(
  { behaviour, nowMs, place, registry, save }: World,
  { name, tags = [], resourceGroupId = '', projectId = 0 }: Draft,
  { line, digestOf }: { line: string; digestOf: KeyObject | Buffer },
  origin: Pair['origin'],
): Promise<Pair> {
  const lagMs = behaviour['describe.lagMs'];
  const pair: Pair = {
    ...place,
    id: registry.freshId(place.service),
    name,
    origin,
    publicKey: line,
    fingerprint: digest(
      place.service === 'cvm' ? 'md5-ssh' : behaviour[`${place.service}.fingerprintDigest`],
      digestOf,
    ),
    createdAtMs: nowMs,
    tags,
    resourceGroupId,
    projectId,
    hiddenForCalls: behaviour['describe.lagCalls'],
    hiddenUntilMs: lagMs ? nowMs + lagMs : 0,
  };
  registry.put(pair);
  try {
    await save();
  } catch (error) {
    registry.remove(pair);
    throw error;
  }
  return pair;
}

/** Puts a pair in the place of what it was, on disk too. When the disk refuses, it is as before. */
export async function replace({ registry, save }: World, before: Pair, after: Pair): Promise<void> {
  registry.put(after);
  try {
    await save();
  } catch (error) {
    registry.put(before);
    throw error;
  }
}

/** Takes pairs away, on disk too. When the disk refuses, they stay. */
export async function discard({ registry, save }: World, pairs: readonly Pair[]): Promise<void> {
  for (const pair of pairs) registry.remove(pair);
  try {
    await save();
  } catch (error) {
    for (const pair of pairs) registry.put(pair);
    throw error;
  }
}
