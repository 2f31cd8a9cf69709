// A public key in the forms that other programs take, from the one line that OpenSSH has.
// Source: RFC 4253 6.6 and RFC 8709 for the key, RFC 4716 3, RFC 5280 4.1.2.7 and RFC 8410 4 for SubjectPublicKeyInfo.

const lines = (base64: string, width: number): string =>
  (base64.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join('\n');

const base64Of = (line: string): string => line.trim().split(/\s+/)[1] ?? '';

export const rfc4716 = (line: string, comment: string): string =>
  `---- BEGIN SSH2 PUBLIC KEY ----\nComment: "${comment}"\n${lines(base64Of(line), 70)}\n---- END SSH2 PUBLIC KEY ----\n`;

/** @returns undefined for a kind of key that this does not know */
export function spki(line: string): string | undefined {
  const [kind, ...parts] = fieldsOf(Uint8Array.from(atob(base64Of(line)), (c) => c.charCodeAt(0)));
  const name = new TextDecoder().decode(kind);
  const der =
    name === 'ssh-rsa'
      ? der0x30(RSA, bits(der0x30(tagged(2, parts[1]!), tagged(2, parts[0]!))))
      : name === 'ssh-ed25519'
        ? der0x30(ED25519, bits(parts[0]!))
        : undefined;
  if (der === undefined) return undefined;
  return `-----BEGIN PUBLIC KEY-----\n${lines(btoa(String.fromCharCode(...der)), 64)}\n-----END PUBLIC KEY-----\n`;
}

/** Each is its length in four bytes, and then itself. */
function fieldsOf(blob: Uint8Array): Uint8Array[] {
  const fields: Uint8Array[] = [];
  const view = new DataView(blob.buffer);
  for (let at = 0; at + 4 <= blob.length; ) {
    const length = view.getUint32(at);
    fields.push(blob.slice(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return fields;
}

/** AlgorithmIdentifier of rsaEncryption, with NULL, and of Ed25519. */
const RSA = Uint8Array.from([0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0]);
const ED25519 = Uint8Array.from([0x30, 5, 6, 3, 0x2b, 0x65, 0x70]);

function tagged(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Uint8Array.from([tag, ...size, ...content]);
}
const der0x30 = (...parts: Uint8Array[]) => tagged(0x30, Uint8Array.from(parts.flatMap((part) => [...part])));
const bits = (content: Uint8Array) => tagged(3, Uint8Array.from([0, ...content]));
