// Taking over a pair that was there before keyvend: its key is proved against what the cloud shows of it, then stored, then it counts.
// The pair itself is neither made, changed nor removed by this, whatever happens. An adoption that nobody was answered with is undone:
// whoever asked for it still has the key.
import { VendingError } from '../errors.ts';
import type { FoundPair } from '../providers/provider.ts';
import { fingerprints } from '../ssh/fingerprint.ts';
import type { PrivateKey } from '../ssh/private-key.ts';
import { activate } from './activate.ts';
import { idOf, type Version } from './attempt.ts';
import { openAttempt } from './open-attempt.ts';
import { flushOutbox } from './outbox.ts';
import { DEPLOYMENT_TAG } from './ownership.ts';
import type { Ports } from './ports.ts';
import type { KeyPairRecord } from './record.ts';
import { requestHash } from './request-hash.ts';
import { settleOrWait } from './settle.ts';
import { storeFirst } from './store-firmly.ts';
import type { VendCommand } from './vend-command.ts';
import { evidenceOf } from './verify-key.ts';

/** No provider permits it in a name, so no successor's mark is the same. */
const MARK = '@adopted';

export interface AdoptCommand extends Omit<VendCommand, 'successorOf' | 'attemptId' | 'mayArrive'> {
  /** The pair's key: both halves; the public one, where nobody has the other; or nothing, where the cloud shows the public half. */
  readonly key: PrivateKey | { readonly publicKey?: string; readonly privateKey?: undefined };
  /** Looks and proves, and changes nothing. */
  readonly dryRun?: boolean;
}

export interface Adopted {
  readonly keyPairId?: string;
  readonly fingerprint: string;
  readonly publicKey: string;
  /** Whether its private key is stored, or would be. */
  readonly stored: boolean;
  /** Whether this request took it over, or would; it may have been adopted before. */
  readonly adopted: boolean;
}

/**
 * @throws {VendingError} KEY_NOT_OF_PAIR, PAIR_UNPROVEN, PAIR_AMBIGUOUS; KEY_PAIR_ABSENT where the cloud has no pair of the name;
 * NAME_TAKEN for another keyvend's, without its private key; DIFFERENT_REQUEST for one that is this keyvend's already, with another key;
 * KEY_PAIR_RETIRED, IN_PROGRESS, and whatever provider, store or ledger said. The same request may be sent again after any of them.
 */
export async function adopt(ports: Ports, command: AdoptCommand): Promise<Adopted> {
  const { identity, key, dryRun = false } = command;
  const [provider, found] = await Promise.all([ports.providerFor(identity), ports.ledger.read(identity)]);
  const filed = await settleOrWait(ports, provider, found);
  const standing = standingIn(filed?.record, key);
  if (standing !== undefined) return { ...answerOf(standing), adopted: false };

  const { pairs } = await provider.find(identity, { timeoutMs: ports.settings.callTimeoutMs });
  const pair = onlyOne(pairs);
  const publicKey = await provenKey(ports, pair, key);
  const { privateKey } = key;
  const { id: keyPairId, fingerprint } = pair;
  const version = {
    ...idOf({ keyPairId }),
    ...{ fingerprint: fingerprint ?? fingerprints(publicKey).md5, publicKey },
    ...{ evidence: 'agrees' as const, keySource: 'adopted' as const },
  };
  if (dryRun) return { ...answerOf(version), stored: privateKey !== undefined, adopted: true };

  const making = Promise.resolve({ publicKey, ...(privateKey && { privateKey }) });
  // A rotation asks for the next pair as this one was asked for, and a project is not for it to choose.
  const request = { ...(pair.projectId !== undefined && { projectId: pair.projectId }), ...command.request };
  const hash = requestHash({ ...request, publicKey }, MARK);
  const lease = await openAttempt(ports, provider, { ...command, request, hash, making, adopts: true }, filed);
  const stored = privateKey && (await storeFirst(lease, privateKey));
  const where = stored && { secretReference: stored.reference };
  // Whether it counts may stay unknown from here on: then whoever comes next finds out, and nothing is taken back before.
  const made = await activate(lease, { ...version, ...where }, stored?.current ?? true);
  await flushOutbox(ports, made);
  return { ...answerOf(made.record.versions.at(-1)!), adopted: true };
}

const answerOf = (version: Omit<Version, 'id' | 'activatedAtMs'>): Omit<Adopted, 'adopted'> => ({
  ...idOf(version),
  ...{ fingerprint: version.fingerprint, publicKey: version.publicKey },
  stored: version.secretReference !== undefined,
});

/** What the name is already; undefined for nothing of ours. The same adoption again is the same. */
function standingIn(record: KeyPairRecord | undefined, key: AdoptCommand['key']): Version | undefined {
  if (record?.state === 'retired' || record?.state === 'purging')
    throw new VendingError('KEY_PAIR_RETIRED', 'A key pair of that name was taken out of use');
  const standing = record?.state === 'active' ? record.versions.at(-1) : undefined;
  if (standing === undefined) return undefined;
  const { publicKey = standing.keySource === 'adopted' ? standing.publicKey : undefined } = key;
  const isSame = publicKey === standing.publicKey;
  const isThere = key.privateKey === undefined || standing.secretReference !== undefined;
  if (isSame && isThere) return standing;
  if (isSame)
    throw new VendingError(
      'DIFFERENT_REQUEST',
      'It is managed already without its key; a rotation brings one that is stored',
    );
  throw new VendingError('DIFFERENT_REQUEST', 'A key pair of that name is managed already, and not with this key');
}

function onlyOne([pair, ...others]: readonly FoundPair[]): FoundPair {
  if (pair === undefined) throw new VendingError('KEY_PAIR_ABSENT', 'The cloud has no key pair of that name');
  if (others.length > 0) throw new VendingError('PAIR_AMBIGUOUS', 'Several key pairs have that name');
  return pair;
}

/** The public half that is proved to be the pair's. Evidence of an unknown form proves nothing here, whatever is configured. */
async function provenKey(ports: Ports, pair: FoundPair, key: AdoptCommand['key']): Promise<string> {
  const publicKey = key.publicKey ?? pair.publicKey;
  const evidence = publicKey === undefined ? 'unknown-form' : evidenceOf(pair, key.privateKey ? key : publicKey);
  if (evidence === 'contradicts') throw new VendingError('KEY_NOT_OF_PAIR', 'The key is not the one of this pair');
  if (evidence !== 'agrees' || publicKey === undefined)
    throw new VendingError('PAIR_UNPROVEN', 'What the cloud shows of the pair proves no key to be its own');
  // Who has the private key may do with the pair what they like; who has not may not take it from another keyvend.
  const tag = pair.tags?.[DEPLOYMENT_TAG];
  const { tag: own, earlier } = await ports.deployment.tags();
  const isOthers = tag !== undefined && ![own, ...earlier].includes(tag);
  if (isOthers && key.privateKey === undefined)
    throw new VendingError('NAME_TAKEN', 'The pair carries the tag of another keyvend');
  return publicKey;
}
