// What follows an activation and may be late: the reader's label, and the announcement. Each has its mark in the record until
// it is done, and whichever call or recovery comes next does it.
import { deadlineIn } from '../clock.ts';
import type { Filed } from '../ledger/ledger.ts';
import { idOf, keySourceOf, type Version } from './attempt.ts';
import { fileRecord } from './file-record.ts';
import type { Ports } from './ports.ts';
import type { KeyPairRecord } from './record.ts';

/**
 * Moves the label and publishes the event where they are marked, and takes the marks off.
 * @returns whether nothing is left to do; what failed stays marked
 */
export async function flushOutbox(ports: Ports, filed: Filed<KeyPairRecord>): Promise<boolean> {
  const { record } = filed;
  const { unlabelled, unannounced, announceAtMs, ...plain } = record;
  const labelled = unlabelled === undefined || (await succeeds(moveLabel(ports, record, unlabelled)));
  const announced = unannounced === undefined || (await succeeds(announce(ports, record, unannounced)));
  const moved = unlabelled !== undefined && labelled;
  const did = (labelled && unlabelled !== undefined) || (announced && unannounced !== undefined);
  if (!did) return labelled && announced;
  const left = {
    ...plain,
    ...(labelled ? {} : { unlabelled }),
    ...(announced ? {} : { unannounced }),
    ...(labelled && announced ? {} : { announceAtMs: announceAtMs ?? ports.clock.wallMs() }),
    ...(moved && ports.settings.blindLabels && lookedAtAgain(ports, plain)),
  };
  // Somebody else may have done the same meanwhile; both are safe to do twice.
  await succeeds(fileRecord(ports, filed, left as KeyPairRecord));
  return labelled && announced;
}

/** Whoever may have sent the label elsewhere before, what is on its way arrives by then. */
function lookedAtAgain(
  { clock, settings }: Ports,
  { settleAtMs = Number.POSITIVE_INFINITY }: Pick<KeyPairRecord, 'settleAtMs'>,
) {
  const secretDeletingUntilMs = clock.wallMs() + settings.horizonMs;
  return { secretDeletingUntilMs, settleAtMs: Math.min(settleAtMs, secretDeletingUntilMs) };
}

async function moveLabel(
  { clock, store, ledger, settings }: Ports,
  { identity }: KeyPairRecord,
  versionId: string,
): Promise<void> {
  const until = deadlineIn(clock, 3 * settings.callTimeoutMs);
  const secret = await store.find(identity);
  const current = secret?.versions.find((version) => version.current)?.id;
  if (current === versionId) return;
  // Read after the label: a process that was frozen since it read the record would move the label back to an earlier version.
  const still = (await ledger.read(identity))?.record.unlabelled === versionId;
  if (!still || !(await store.makeCurrent(identity, versionId, current, until))) throw new Error('moved');
}

async function announce({ publish }: Ports, { identity, versions }: KeyPairRecord, versionId: string): Promise<void> {
  const version = versions.find(({ id }) => id === versionId);
  if (version === undefined) return;
  const pairOf = (one: Version) => {
    const { upstreamName: keyPairName = identity.name, fingerprint, publicKey } = one;
    return { ...idOf(one), keyPairName, fingerprint, publicKey, keySource: keySourceOf(one) };
  };
  const { replaces, replacesId } = version;
  const isReplaced = ({ id, keyPairId }: Version) =>
    replacesId === undefined ? replaces !== undefined && keyPairId === replaces : id === replacesId;
  const earlier = versions.find(isReplaced);
  const replaced = earlier && pairOf(earlier);
  await publish({
    ...{ id: versionId, identity, atMs: version.activatedAtMs, ...pairOf(version) },
    ...((replaces ?? replacesId) !== undefined && { rotated: true as const }),
    ...(replaces !== undefined && { replaces }),
    ...(replaced && { replaced }),
  });
}

const succeeds = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  );
