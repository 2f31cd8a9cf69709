// Forgetting what is known of hosts: of another machine nothing of it is true, and of too many that are gone there is no room for it.
import type { KeyPairRecord } from '../record.ts';
import { editedOf } from './outgoing.ts';
import { isUnderWay } from './rotation-record.ts';

/** What is kept all the same: where a rotation that may be taken back has added a line, and the host keys that were recorded. */
export interface KeptOfHosts {
  readonly edits?: boolean;
  readonly hostKeys?: boolean;
}

export function withoutHosts(
  record: KeyPairRecord,
  isGone: (name: string) => boolean,
  keeps: KeptOfHosts = {},
): KeyPairRecord {
  const { rotations, outgoing, hostKeys } = record;
  const kept = <T>(all: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !isGone(name)));
  return {
    ...record,
    ...(rotations && {
      rotations: rotations.map((one) => ({
        ...one,
        hosts: { ...(keeps.edits && isUnderWay(one) && editedOf(one)), ...kept(one.hosts) },
      })),
    }),
    ...(outgoing && { outgoing: { ...outgoing, hosts: kept(outgoing.hosts) } }),
    ...(hostKeys && !keeps.hostKeys && { hostKeys: kept(hostKeys) }),
  };
}
