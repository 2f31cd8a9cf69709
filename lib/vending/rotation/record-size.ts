// How many hosts a record has room for: the most that can ever be written down of them is packed as the ledger packs it.
import { type FailureCode, VendingError } from '../../errors.ts';
import type { Host } from '../../hosts/hosts.ts';
import { packedLength } from '../../ledger/packed.ts';
import type { KeyPairRecord } from '../record.ts';
import { hostName } from './policy.ts';
import type { FoundHost } from './target.ts';
import { type KeptOfHosts, withoutHosts } from './without-hosts.ts';

/** With more, each change of a record would take a worker too long. */
const MOST_HOSTS = 2_000;
/** What hosts may take of the 390 KB of a record, in bytes. The rest is for versions, pairs that linger, notices and the trail. */
const HOSTS_BYTES = 300_000;
/** Two rotations whose old key is still valid, the one before them, which is over and shown whole, and what is on its way out. */
const LISTS = 4;

/**
 * The record with room for all that will ever be written of the hosts that are meant. Of others, what is known is kept while there
 * is room: a key that was recorded must not be trusted anew, and a line that was added is taken back with its rotation. What ended
 * rotations say goes first.
 * @param found those that are meant beside those that are listed
 * @throws {VendingError} HOSTS_TOO_MANY
 */
export function withRoom(
  record: KeyPairRecord,
  listed: readonly Host[],
  found: readonly FoundHost[] = [],
): KeyPairRecord {
  const worst = atWorst(listed, found);
  if (listed.length + found.length > MOST_HOSTS || packedLength(worst) > HOSTS_BYTES)
    throw new VendingError('HOSTS_TOO_MANY', 'More hosts are listed or found than one record can hold');
  const meant = new Set([...listed, ...found.map(({ host }) => host)].map(hostName));
  const isGone = (name: string) => !meant.has(name);
  const fits = (one: KeyPairRecord) => {
    const { rotations = [], hostKeys = {}, found: { showed = {} } = {} } = one;
    const gone = [hostKeys, showed, ...rotations.map(({ hosts }) => hosts)].map((all) =>
      Object.entries(all).filter(([name]) => isGone(name)),
    );
    return (
      gone.every(({ length }) => length <= MOST_HOSTS) &&
      (gone.every(({ length }) => length === 0) || packedLength({ worst, gone }) <= HOSTS_BYTES)
    );
  };
  const without = (keeps: KeptOfHosts) => withoutHosts(record, isGone, keeps);
  const kept = fits(record) ? record : [{ edits: true, hostKeys: true }, { edits: true }].map(without).find(fits);
  return kept ?? without({});
}

/** All that a record can say of its hosts, each at another moment and with another outcome, so that little of it is said twice. */
function atWorst(listed: readonly Host[], found: readonly FoundHost[]): object {
  const hosts = [...listed, ...found.map(({ host }) => host)];
  const names = hosts.map(hostName);
  const any = numbers();
  const progress = () => ({
    outcome: (['ok', 'failed', 'unverified'] as const)[any() % 3],
    code: codes[any() % codes.length],
    atMs: 1_800_000_000_000 + any(),
    missed: any() % 10,
    ...{ added: true, proved: any() % 2 === 0, oldRemoved: any() % 2 === 0, clear: any() % 100, returned: any() % 100 },
  });
  return {
    ...{ listed, found, waived: names },
    progress: Array.from({ length: LISTS }, () => Object.fromEntries(names.map((name) => [name, progress()]))),
    // A key is recorded where none is given.
    hostKeys: Object.fromEntries(
      names
        .filter((_, i) => hosts[i]!.hostKeys.length === 0)
        .map((name) => [name, Array.from({ length: 9 }, () => any().toString(36)).join('')]),
    ),
  };
}

const codes: readonly FailureCode[] = ['HOST_UNREACHABLE', 'LOGIN_REFUSED', 'HOST_KEY_CHANGED', 'HOST_FILE_UNUSABLE'];

/** The same ones each time, as if they were random: what fits once, fits again. Source: Numerical Recipes, "quick and dirty" generators. */
function numbers(): () => number {
  let last = 1;
  return () => {
    last = (Math.imul(last, 1_664_525) + 1_013_904_223) >>> 0;
    return last >>> 4; // the low bits of such a number repeat soon
  };
}
