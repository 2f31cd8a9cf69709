// How a key is offered to a host: by itself, and where it is RSA, with the signatures that a host may insist on.
import type { AuthHandlerMiddleware, ParsedKey } from 'ssh2';
import type { Secret } from '../secret.ts';
import type { Evidence } from './ssh-evidence.ts';

/** ssh2's, of its parser of keys. */
export type ParseKey = (pem: string) => ParsedKey | ParsedKey[] | Error;

/**
 * ssh2 signs with one algorithm: rsa-sha2-256 where the host lists it, and OpenSSH lists what it knows and not what it takes; ssh-rsa,
 * with SHA-1, where there is no list. So a host that refuses it may take another one. SHA-1 is not among them: no host that
 * knows better is to be brought to it.
 */
const others: Readonly<Record<string, readonly Signature[]>> = {
  'rsa-sha2-256': ['rsa-sha2-512'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};
type Signature = 'rsa-sha2-512' | 'rsa-sha2-256';

/**
 * Offers the key and nothing else: not even `none`, which ssh2 tries first by itself. Once, and again with another signature only
 * where the host has not said that it knows the key: it may count what it refuses.
 */
export function offers(
  { user: username, key }: { readonly user: string; readonly key: Secret },
  evidence: Evidence,
  parse: ParseKey,
): AuthHandlerMiddleware {
  let left: Signature[] | undefined;
  let offered = false;
  // ssh2 has null for what the host did not say so far; its types do not.
  return (methods: unknown, wantsMore, next) => {
    const offer = (of: string | ParsedKey) => next({ type: 'publickey', username, key: of as string });
    if (!offered) {
      offered = true;
      return offer(key.reveal());
    }
    evidence.exhausted(methods !== null, wantsMore === true);
    left ??= [...(others[evidence.refusedWith] ?? [])];
    const signature = evidence.takesNoRsa || evidence.knowsKey ? undefined : left.shift();
    const parsed = signature && parse(key.reveal());
    if (parsed === undefined || parsed instanceof Error || Array.isArray(parsed)) next(false as never);
    else offer(signing(parsed, signature!));
  };
}

/** The same key under the name of a signature: ssh2 takes it for a key of a type that signs in one way (RFC 8332 section 3). */
const signing = (key: ParsedKey, signature: Signature): ParsedKey =>
  Object.create(key, {
    type: { value: signature },
    sign: { value: (data: Buffer) => key.sign(data, signature.replace('rsa-sha2-', 'sha')) },
  });
