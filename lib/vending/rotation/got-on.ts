// Whether a try got anywhere. Each of these happens a limited number of times, or is undone only by a try that then fails: so what is
// due again at once because of it is not due at once for ever.
import type { KeyPairRecord } from '../record.ts';
import type { HostProgress, Rotation } from './rotation-record.ts';
import { rotationStates } from './rotation-record.ts';

/** @param before the record as it was when the work was taken up */
export function gotOn(before: KeyPairRecord, now: KeyPairRecord): boolean {
  return (
    now.versions.length < before.versions.length ||
    (now.retirement?.goneId !== undefined && before.retirement?.goneId === undefined) ||
    (now.rotations ?? []).some((rotation) => {
      const earlier = before.rotations?.find(({ id }) => id === rotation.id);
      return earlier !== undefined && rotationGotOn(earlier, rotation);
    }) ||
    outgoingGotOn(before, now)
  );
}

const placeOf = ({ state }: Rotation): number => rotationStates.indexOf(state);

const rotationGotOn = (before: Rotation, now: Rotation): boolean =>
  placeOf(now) > placeOf(before) ||
  (now.successor !== undefined && before.successor === undefined) ||
  Object.entries(now.hosts).some(([name, host]) => hostGotOn(before.hosts[name] ?? untried, host));

const untried: HostProgress = { outcome: 'unverified' };

/** A host that is tried once more, and fails once more, is no step forward. */
const hostGotOn = (before: HostProgress, now: HostProgress): boolean =>
  (now.outcome === 'ok' && before.outcome !== 'ok') ||
  (now.proved === true && before.proved !== true) ||
  (now.oldRemoved === true && before.oldRemoved !== true) ||
  (now.added !== true && before.added === true) ||
  (now.atMs !== undefined && before.atMs === undefined);

function outgoingGotOn({ outgoing: before }: KeyPairRecord, { outgoing: now }: KeyPairRecord): boolean {
  if (before === undefined || now === undefined) return false; // it ends with its last version, which is counted above
  // A host is looked at again once a day, and not before it is due.
  const looked = Object.entries(now.hosts).some(([name, { clear, outcome, atMs = 0 }]) => {
    const earlier = before.hosts[name];
    return clear > (earlier?.clear ?? 0) || (outcome === 'ok' && atMs > (earlier?.atMs ?? 0));
  });
  return (
    looked ||
    now.pairs.some(({ versionId, goneAtMs, keyGoing, ownSecret }) => {
      const earlier = before.pairs.find((pair) => pair.versionId === versionId);
      return (
        (goneAtMs !== undefined && earlier?.goneAtMs === undefined) ||
        (keyGoing && earlier?.keyGoing !== true) ||
        (ownSecret?.state === 'moved' && earlier?.ownSecret?.state !== 'moved')
      );
    })
  );
}
