// A public key in the forms that other programs take, from the one line that OpenSSH has. It runs in a browser, too.
// Source: RFC 4253 6.6 and RFC 8709 for the key, RFC 4716 3, RFC 5280 4.1.2.7 and RFC 8410 4 for SubjectPublicKeyInfo,
// RFC 7518 6.3.1 and RFC 8037 2 for a JWK.

/** By whom each is taken: OpenSSH; other SSH servers; OpenSSL and what is built on it; what checks JOSE signatures. */
const forms = {
  openssh: (line: string) => `${line.trim().split(/\s+/, 2).join(' ')}\n`,
  rfc4716,
  spki,
  jwk: (line: string) => {
    const jwk = jwkOf(line);
    return jwk && `${JSON.stringify(jwk, null, 2)}\n`;
  },
} as const satisfies Readonly<Record<string, (line: string, comment: string) => string | undefined>>;
export type PublicKeyForm = keyof typeof forms;

/**
 * @param line as OpenSSH writes it; a comment in it is left out
 * @param comment for the form that has one, RFC 4716; ASCII, without a line end
 * @returns one final newline; undefined for a kind of key that this does not know
 */
export const publicKeyAs = (form: PublicKeyForm, line: string, comment: string): string | undefined =>
  forms[form](line, comment);

/** No line is longer than 72 octets; a header is continued after a backslash. */
function rfc4716(line: string, comment: string): string {
  const header = cut(`Comment: "${comment}"`, 71).join('\\\n');
  return `---- BEGIN SSH2 PUBLIC KEY ----\n${header}\n${cut(base64Of(line), 70).join('\n')}\n---- END SSH2 PUBLIC KEY ----\n`;
}

function spki(line: string): string | undefined {
  const { type, parts } = fieldsOf(line);
  const der =
    type === 'ssh-rsa'
      ? sequence(RSA, bits(sequence(tagged(2, parts[1]!), tagged(2, parts[0]!))))
      : type === 'ssh-ed25519'
        ? sequence(ED25519, bits(parts[0]!))
        : undefined;
  return der && `-----BEGIN PUBLIC KEY-----\n${cut(toBase64(der), 64).join('\n')}\n-----END PUBLIC KEY-----\n`;
}

function jwkOf(line: string): Readonly<Record<string, string>> | undefined {
  const { type, parts } = fieldsOf(line);
  if (type === 'ssh-rsa') return { kty: 'RSA', n: toBase64Url(unsigned(parts[1]!)), e: toBase64Url(parts[0]!) };
  if (type === 'ssh-ed25519') return { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(parts[0]!) };
  return undefined;
}

const cut = (text: string, width: number): readonly string[] => text.match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
const base64Of = (line: string): string => line.trim().split(/\s+/)[1] ?? '';
const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
const toBase64Url = (bytes: Uint8Array): string =>
  toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

/** Each is its length in four bytes, and then itself; the first names the kind of key. */
function fieldsOf(line: string): { readonly type: string; readonly parts: readonly Uint8Array[] } {
  const blob = Uint8Array.from(atob(base64Of(line)), (character) => character.charCodeAt(0));
  const fields: Uint8Array[] = [];
  const view = new DataView(blob.buffer);
  for (let at = 0; at + 4 <= blob.length; ) {
    const length = view.getUint32(at);
    fields.push(blob.slice(at + 4, at + 4 + length));
    at += 4 + length;
  }
  const [type, ...parts] = fields;
  return { type: new TextDecoder().decode(type), parts };
}

/** A number with its top bit set has a zero octet in front, which a JWK leaves out: RFC 7518 section 2, Base64urlUInt. */
const unsigned = (mpint: Uint8Array): Uint8Array => (mpint[0] === 0 ? mpint.slice(1) : mpint);

/** AlgorithmIdentifier of rsaEncryption, with NULL, and of Ed25519. */
const RSA = Uint8Array.from([0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0]);
const ED25519 = Uint8Array.from([0x30, 5, 6, 3, 0x2b, 0x65, 0x70]);

function tagged(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Uint8Array.from([tag, ...size, ...content]);
}
const sequence = (...parts: Uint8Array[]) => tagged(0x30, Uint8Array.from(parts.flatMap((part) => [...part])));
const bits = (content: Uint8Array) => tagged(3, Uint8Array.from([0, ...content]));
