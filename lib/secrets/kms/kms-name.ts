// A secret's name in KMS: the identity, spelled so that people can read it. Its tags say whose it is, whole, as a name has less room.
// Source: CreateSecret, SecretName: at most 192 of `A-Z a-z 0-9 _ / + = . @ -`; Tags: at most 20, 128 characters each.
import { type Identity, identityKey, identityOf } from '../../identity.ts';
import { sha256Hex } from '../../sha256.ts';
import { spelled, spelledBack } from '../spelled.ts';

export const PREFIX = 'keyvend/';
const LONGEST = 192;

/** `keyvend/ecs/default/cn-hangzhou/web=3A1`; what is too long ends with a digest of all of it, as no spelled name does. */
export function nameOf(prefix: string, identity: Identity): string {
  const { provider, account, region, name } = identity;
  const whole = prefix + [provider, account, region, name].map(spelled).join('/');
  if (whole.length <= LONGEST) return whole;
  const digest = `@${sha256Hex(identityKey(identity)).slice(0, 40)}`;
  return `${whole.slice(0, LONGEST - digest.length)}${digest}`;
}

export const DEPLOYMENT_TAG = 'keyvend';
const IDENTITY_TAG = 'keyvend-identity';
const TAG_LENGTH = 128;
const MOST_TAGS = 20;

/** The deployment, and the identity in as many pieces as it takes: `keyvend-identity`, `keyvend-identity-2`. All are compared before anything is changed. */
export function tagsOf(deployment: string, identity: Identity): ReadonlyMap<string, string> {
  const { provider, account, region, name } = identity;
  const whole = [provider, account, region, name].map(spelled).join('/');
  const pieces = whole.match(new RegExp(`.{1,${TAG_LENGTH}}`, 'g')) ?? [];
  return new Map([[DEPLOYMENT_TAG, deployment], ...pieces.map((piece, i) => [pieceTag(i), piece] as const)]);
}

const pieceTag = (i: number): string => (i === 0 ? IDENTITY_TAG : `${IDENTITY_TAG}-${i + 1}`);

/** The identity that a secret's tags name; undefined for tags that `tagsOf` did not make. */
export function identityIn(tags: ReadonlyMap<string, string>): Identity | undefined {
  let whole = '';
  for (let i = 0; i < MOST_TAGS && tags.has(pieceTag(i)); i += 1) whole += tags.get(pieceTag(i));
  try {
    const identity = identityOf(whole.split('/').map(spelledBack).join('/'));
    return isOurs(tags, tags.get(DEPLOYMENT_TAG) ?? '', identity) ? identity : undefined;
  } catch {
    return undefined;
  }
}

export const isOurs = (tags: ReadonlyMap<string, string>, deployment: string, identity: Identity): boolean =>
  [...tagsOf(deployment, identity)].every(([tag, value]) => tags.get(tag) === value);

/** @throws {TypeError} for a deployment id that cannot be a tag's value */
export function checkedDeployment(deployment: string): string {
  if (/^[A-Za-z0-9 _.:/=+@-]{1,128}$/.test(deployment)) return deployment;
  throw new TypeError('the deployment id cannot be a tag of a secret in KMS');
}
