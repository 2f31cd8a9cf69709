// The number in the name of the next pair that a rotation makes.
import type { KeyPairRecord } from '../record.ts';
import type { CommandPorts } from './rotation-ports.ts';
import { successorName } from './successor-name.ts';

/** A number whose name is not in the ledger: what was ever asked for under a name may still be on its way. */
export async function freeNumber(
  { ledger }: CommandPorts,
  { identity, successors = 0 }: KeyPairRecord,
): Promise<number> {
  for (let number = successors + 2; ; number += 1) {
    const name = successorName(identity, number);
    if ((await ledger.read({ ...identity, name })) === undefined) return number;
  }
}
