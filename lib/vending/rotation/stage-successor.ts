// requested -> staged: the successor is vended like any key pair, by the same protocol, under a name and a record of its own. Only its
// key is kept with the others, as the pending one.
import { VendingError } from '../../errors.ts';
import type { Identity } from '../../identity.ts';
import { vend } from '../vend.ts';
import { freeNumber } from './rotation-commands.ts';
import { type At, abandon } from './step-support.ts';
import { successorName } from './successor-name.ts';

/** Names tried in one go, where strangers have the first ones. */
const NAMES = 5;

export async function stage(at: At): Promise<undefined> {
  const { parts, identity } = at;
  await vended(at);
  const { driver, successorName: name } = at.work;
  const version = (await parts.ledger.read({ ...identity, name }))?.record.versions.at(-1);
  if (version === undefined) throw new VendingError('KEY_PAIR_ABSENT', 'The successor is gone again');
  at.enough(parts.settings.callTimeoutMs);
  // AWS's own label stays AWS's to move: held for long, it breaks RotateSecret.
  if (driver === 'keyvend') await parts.store.markPending(identity, version.id, at.until);
  await at.change((rotation) => {
    const { keyPairId: replaces } = rotation.from;
    return { ...rotation, state: 'staged', failures: 0, successor: { ...version, upstreamName: name, replaces } };
  });
}

async function vended(at: At): Promise<void> {
  const { parts, identity, until } = at;
  for (let tried = 1; ; tried += 1) {
    const { id, driver, requestedBy: caller, successorName: name } = at.work;
    const attempt = driver === 'secrets-manager' ? { attemptId: id } : {};
    const { request } = at.record;
    const successor = { ...identity, name };
    const order = { request, caller, deadline: until, successorOf: identity.name, ...attempt };
    if (driver === 'secrets-manager' && tried < NAMES && (await isOthers(at, successor))) {
      await nextName(at);
      continue;
    }
    try {
      return void (await vend(parts, { ...order, identity: successor }));
    } catch (error) {
      if (!isTaken(error) || tried === NAMES || (await isTiedTo(at, successor))) throw error;
      await nextName(at);
    }
  }
}

/**
 * Whether the id that this rotation's key is to have was given to an attempt under that name. AWS gives one id for all tries: under
 * a second name, settling what the first one left would remove the second one's key. So that rotation ends there.
 */
const isTiedTo = async ({ parts, work }: At, successor: Identity): Promise<boolean> =>
  (await parts.ledger.attempts(successor)).has(work.id);

/** Looked at beforehand where there is but one try. */
async function isOthers(at: At, successor: Identity): Promise<boolean> {
  if (await isTiedTo(at, successor)) return false;
  const { parts, until } = at;
  const provider = await parts.providerFor(successor);
  const { pairs } = await provider.find(successor, { timeoutMs: parts.settings.callTimeoutMs, signBefore: until });
  return pairs.length > 0;
}

const taken: readonly string[] = ['NAME_TAKEN', 'DIFFERENT_REQUEST', 'KEY_PAIR_RETIRED'];
const isTaken = (error: unknown): boolean => error instanceof VendingError && taken.includes(error.code);

async function nextName(at: At): Promise<void> {
  await abandon(at);
  const number = await freeNumber(at.parts, at.record);
  await at.change((rotation, record) => [
    { ...rotation, successorName: successorName(at.identity, number) },
    { ...record, successors: number - 1 },
  ]);
}
