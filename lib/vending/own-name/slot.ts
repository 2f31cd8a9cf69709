// Which pairs a version has, and what a key pair's own name is to lead to.
import type { UsedPair } from '../../providers/fleet.ts';
import { pairNameOf, type Version } from '../attempt.ts';
import type { KeyPairRecord } from '../record.ts';
import type { OutgoingPair } from '../rotation/outgoing-record.ts';
import { type PolicyDefaults, wantedPolicyOf } from '../rotation/policy.ts';
import type { NameSlot } from './slot-record.ts';

/** The version's own pair, and the one that was imported under the key pair's name, where that has the version's key. */
export function pairsOf({ identity, nameSlot }: KeyPairRecord, version: Version): readonly UsedPair[] {
  const { region, name } = identity;
  const { keyPairId: id } = version;
  const own = { region, name: pairNameOf(identity, version), ...(id !== undefined && { id }) };
  return nameSlot?.held?.versionId === version.id ? [own, { region, name }] : [own];
}

/** What the pair that lingers is called: the imported one, once the version's own is gone. */
export const lingeringName = (
  { identity, nameSlot }: Pick<KeyPairRecord, 'identity' | 'nameSlot'>,
  version: Version,
  { goneAtMs }: Pick<OutgoingPair, 'goneAtMs'>,
): string =>
  goneAtMs !== undefined && nameSlot?.held?.versionId === version.id ? identity.name : pairNameOf(identity, version);

/** Whether a pair of this version's key has the key pair's name by an import, or may get it: then the key stays stored. */
export const mayHaveName = ({ nameSlot }: Pick<KeyPairRecord, 'nameSlot'>, versionId: string): boolean =>
  nameSlot?.held?.versionId === versionId || nameSlot?.importing?.versionId === versionId;

/** Something has happened that may let the name go. */
export const withNameDue = (record: KeyPairRecord, nowMs: number): KeyPairRecord => {
  const { nameSlot } = record;
  if (nameSlot === undefined) return record;
  const { blocked, work } = nameSlot;
  const again = blocked && { blocked: { ...blocked, tries: 0 } };
  return { ...record, nameSlot: { ...nameSlot, ...again, work: { ...work, nextTryAtMs: nowMs } } };
};

/** The version that the name is to lead to; undefined where that is not asked for. What leads there already stays. */
export function aimOf(record: KeyPairRecord, defaults: Partial<PolicyDefaults>): Version | undefined {
  const standing = record.versions.at(-1);
  if (record.state !== 'active' || record.successorOf !== undefined || standing === undefined) return undefined;
  const { keepName } = wantedPolicyOf(record, defaults as PolicyDefaults);
  return keepName === true || record.nameSlot?.held?.versionId === standing.id ? standing : undefined;
}

/** The version whose own pair has the name, by the record, unless that pair is gone for good. */
export const occupantOf = ({ identity, versions, outgoing }: KeyPairRecord): Version | undefined =>
  versions.find(
    (version) =>
      pairNameOf(identity, version) === identity.name &&
      outgoing?.pairs.find(({ versionId }) => versionId === version.id)?.goneAtMs === undefined,
  );

/** The version that the name leads to by now, as far as the record knows. */
export const leadsTo = (record: KeyPairRecord): string | undefined =>
  record.nameSlot?.held?.versionId ?? occupantOf(record)?.id;

/** What the work waits for: with every write that changes it, the work is due. */
function awaited(record: KeyPairRecord, defaults: Partial<PolicyDefaults>): string {
  const occupant = occupantOf(record);
  const held = record.outgoing?.pairs.find(({ versionId }) => versionId === occupant?.id)?.held;
  const { keepName, rebind } = wantedPolicyOf(record, defaults as PolicyDefaults);
  return JSON.stringify([aimOf(record, defaults)?.id, occupant?.id, held !== undefined, keepName, rebind]);
}

/** The record with the work that its content asks for. */
export function withNameWork(
  before: KeyPairRecord,
  record: KeyPairRecord,
  defaults: Partial<PolicyDefaults>,
  nowMs: number,
): KeyPairRecord {
  const { nameSlot, identity, state } = record;
  const aim = aimOf(record, defaults);
  if (nameSlot === undefined && (aim === undefined || pairNameOf(identity, aim) === identity.name)) return record;
  const isDue =
    nameSlot === undefined || (state === 'active' && awaited(before, defaults) !== awaited(record, defaults));
  const { work = { failures: 0 }, ...rest }: Partial<NameSlot> = nameSlot ?? {};
  return isDue ? { ...record, nameSlot: { ...rest, work: { ...work, nextTryAtMs: nowMs } } } : record;
}
