// What SSH's own encodings keep of a private key, after the name of its type.
// Source: draft-ietf-sshm-ssh-agent, sections 3.2.3 (RSA: n, e, d, qinv, p, q) and 3.2.4 (ed25519: public half, seed and public
// half); PROTOCOL.key in OpenSSH's source refers to the same.
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { fromBase64Url, join, toNumber } from './bytes.ts';
import { mpint, string } from './wire.ts';

type RsaNumber = 'n' | 'e' | 'd' | 'p' | 'q' | 'qi';

/** @returns key material: whoever needs it only for a moment overwrites it afterwards */
export const privateFields = (key: KeyObject): readonly Buffer[] =>
  key.asymmetricKeyType === 'rsa' ? rsaMpints(key, ['n', 'e', 'd', 'qi', 'p', 'q']) : ed25519Fields(key);

/** Numbers of an RSA key, each as an `mpint`, in the order that a format has them in. */
export function rsaMpints(key: KeyObject, names: readonly RsaNumber[]): readonly Buffer[] {
  const numbers: JsonWebKey = key.export({ format: 'jwk' });
  return names.map((name) => mpint(toNumber(fromBase64Url(String(numbers[name])))));
}

/** 32 octets: RFC 8032 section 5.1.5. */
export const seedOf = (key: KeyObject): Buffer => key.export({ type: 'pkcs8', format: 'der' }).subarray(-32);

function ed25519Fields(key: KeyObject): readonly Buffer[] {
  const half = createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(-32);
  return [string(half), string(join([seedOf(key), half]))];
}
