// A secret's name in AWS Secrets Manager: the identity, spelled so that it can be read back, by people and by us.
// Source: AWS Secrets Manager API Reference, CreateSecret, Name: ASCII letters, digits and `/_+=.@-`, at most 512, not ending
// in a hyphen and six characters, because ARNs end like that and a partial ARN would find the wrong secret.
import { VendingError } from '../../errors.ts';
import { type Identity, identityOf } from '../../identity.ts';
import { spelled, spelledBack } from '../spelled.ts';

/** What the names of our secrets begin with. */
export const PREFIX = 'keyvend/';
const LONGEST = 512;
const SUFFIX_LIKE = /-(?=.{6}$)/;

/**
 * `<prefix>ecs/default/cn-hangzhou/web=3A1`: the four words between slashes. What AWS forbids, and `=` itself, becomes `=` and
 * two hexadecimal digits per byte; so does a hyphen six characters before the end.
 * @throws {VendingError} STORE_REFUSED for more than 512 characters; no name that a provider permits is that long by itself
 */
export function nameOf(prefix: string, { provider, account, region, name }: Identity): string {
  const whole = prefix + [provider, account, region, name].map(spelled).join('/').replace(SUFFIX_LIKE, '=2D');
  if (whole.length > LONGEST) throw new VendingError('STORE_REFUSED', "The secret's name would be too long");
  return whole;
}

/** The identity a name stands for; undefined for a name that `nameOf` did not make. */
export function identityNamed(prefix: string, name: string): Identity | undefined {
  if (!name.startsWith(prefix)) return undefined;
  try {
    const identity = identityOf(name.slice(prefix.length).split('/').map(spelledBack).join('/'));
    return nameOf(prefix, identity) === name ? identity : undefined;
  } catch {
    return undefined;
  }
}

/** @throws {TypeError} for a prefix that would make a name AWS refuses */
export function checkedPrefix(prefix: string): string {
  if (!/^[A-Za-z0-9/_+=.@-]{0,64}$/.test(prefix)) throw new TypeError('the name prefix has characters AWS forbids');
  return prefix;
}
