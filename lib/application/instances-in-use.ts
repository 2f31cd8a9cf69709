// Which instances have the pairs of a key pair, for whoever wants to take it out of use or to detach it.
import type * as z from 'zod/mini';
import { InvalidRequest } from '../contract/problem-of.ts';
import { effectOfRelease } from '../contract/release-effect.ts';
import type { ReleaseAnswer } from '../contract/rotation-answer.ts';
import { VendingError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import { idOf, type Version } from '../vending/attempt.ts';
import { lingeringName, pairsOf } from '../vending/own-name/slot.ts';
import type { KeyPairRecord } from '../vending/record.ts';
import { confirmationOf, lingeringOf } from '../vending/rotation/release.ts';
import type { ForFleets, Records } from './runtime.ts';

/** So many instances are named in one answer. */
const NAMED = 50;
/** So many are released at once; then there is another confirmation to give. */
const RELEASED = 200;

type Asking = Records & Partial<ForFleets>;

async function holdersOf({ fleetFor, settings }: Asking, record: KeyPairRecord, version: Version) {
  if (fleetFor === undefined) return []; // nothing may be asked of instances here
  const fleet = await fleetFor(record.identity);
  const holders = pairsOf(record, version).map(async (pair) => {
    const having = await fleet.holders(pair, { timeoutMs: settings.callTimeoutMs });
    // What was released already has nothing to lose.
    return having.filter(({ status }) => status !== 'gone').map(({ id }) => ({ id, name: pair.name }));
  });
  return (await Promise.all(holders)).flat();
}

/**
 * Of the pairs that are in use; what lingers is on its way out anyway.
 * @throws {InvalidRequest} KEY_PAIR_IN_USE, naming the instances; and what the cloud said, where it cannot be asked
 */
export async function assertUnused(records: Asking, record: KeyPairRecord): Promise<void> {
  const { state, versions, outgoing, successorOf } = record;
  if (state !== 'active' || successorOf !== undefined) return; // refused, or done already
  const out = new Set(outgoing?.pairs.map(({ versionId }) => versionId));
  const inUse = versions.filter(({ id }) => !out.has(id));
  const asked = Promise.all(inUse.map((version) => holdersOf(records, record, version)));
  const holders = (await asked.catch(mayNotAsk)).flat();
  if (holders.length === 0) return;
  const errors = holders.slice(0, NAMED).map(({ id, name }, i) => ({
    pointer: `#/instances/${i}`,
    detail: `${id} has the pair ${name}`,
  }));
  throw new InvalidRequest(
    errors,
    'KEY_PAIR_IN_USE',
    `Instances have it: ${holders.length}. With force=true it is retired all the same, and purged once they let it go`,
  );
}

/** An access key that was made for key pairs alone. */
function mayNotAsk(error: unknown): never {
  if (!(error instanceof VendingError) || error.code !== 'PERMISSION_DENIED') throw error;
  const what = 'Its access key may not ask which instances have the key pair; with force=true nothing is asked';
  throw new VendingError('PERMISSION_DENIED', what, { cause: error });
}

/** @throws {VendingError} PAIR_NOT_LINGERING; KEY_PAIR_IN_USE when no instance has it, and the cloud keeps it all the same */
export async function releaseOf(
  records: Asking,
  identity: Identity,
  record: KeyPairRecord,
  versionId: string,
): Promise<{ readonly body: z.infer<typeof ReleaseAnswer>; readonly instances: readonly string[] }> {
  const { pair, version } = lingeringOf(record, versionId);
  const holders = await holdersOf(records, record, version);
  if (holders.length === 0)
    throw new VendingError('KEY_PAIR_IN_USE', 'No instance has it by now: an image may, which only a console tells');
  const instances = holders.map(({ id }) => id).slice(0, RELEASED);
  const body = {
    ...{
      id: versionId,
      keyPairName: lingeringName(record, version, pair),
      ...idOf(version),
      instances,
      effect: effectOfRelease[identity.provider],
    },
    ...{ confirmation: confirmationOf(versionId, instances), confirmed: false },
  };
  return { body, instances };
}
