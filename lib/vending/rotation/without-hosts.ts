// Forgetting what is known of hosts: of another machine nothing of it is true, and of too many that are gone there is no room for it.
import type { KeyPairRecord } from '../record.ts';
import { isDone, isUnderWay, type Rotation } from './rotation-record.ts';

/** What is kept all the same. */
export interface KeptOfHosts {
  /** Where a rotation that may be taken back has added a line. */
  readonly edits?: boolean;
  /** The host keys that were recorded: they are not trusted anew. */
  readonly hostKeys?: boolean;
  /** What rotations say that have nothing left to do. */
  readonly history?: boolean;
}

/** For hosts that are meant no more, and may be other machines when they are meant again. */
export const unlessMeant: KeptOfHosts = { edits: true, hostKeys: true, history: true };

/** The record without their progress and their waivers. @param isGone says so by `hostName` */
export function withoutHosts(
  record: KeyPairRecord,
  isGone: (name: string) => boolean,
  keeps: KeptOfHosts = {},
): KeyPairRecord {
  const { rotations, outgoing, hostKeys, found } = record;
  const stays = (name: string) => !isGone(name);
  const kept = <T>(all: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
    Object.fromEntries(Object.entries(all).filter(([name]) => stays(name)));
  const ofRotation = (one: Rotation): Rotation => ({
    ...one,
    hosts: { ...(keeps.edits && isUnderWay(one) && editedOf(one)), ...kept(one.hosts) },
    waived: one.waived.filter(stays),
  });
  return {
    ...record,
    ...(rotations && { rotations: rotations.map((one) => (keeps.history && isDone(one) ? one : ofRotation(one))) }),
    ...(outgoing && {
      outgoing: {
        ...outgoing,
        hosts: kept(outgoing.hosts),
        pairs: outgoing.pairs.map((pair) => ({ ...pair, waived: pair.waived.filter(stays) })),
      },
    }),
    ...(hostKeys && !keeps.hostKeys && { hostKeys: kept(hostKeys) }),
    ...(found?.showed && !keeps.hostKeys && { found: { ...found, showed: kept(found.showed) } }),
  };
}

/** Whoever takes the rotation back has to know where a line may have been added. */
const editedOf = ({ hosts }: Rotation): Rotation['hosts'] =>
  Object.fromEntries(
    Object.entries(hosts)
      .filter(([, { added }]) => added)
      .map(([name]) => [name, { outcome: 'unverified', added: true }]),
  );
