// Reading DER, as far as private keys use it: X.690 section 8. Lengths and numbers need not be in the one form of section 10, as they
// need not for OpenSSL: what is stored is written anew from the numbers, once they fit each other.
import { toNumber } from './bytes.ts';
import { unreadable } from './unreadable.ts';

export const tags = {
  integer: 0x02,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  attributes: 0xa0, // PKCS#8: [0] IMPLICIT SET
  publicKey: 0x81, // PKCS#8: [1] IMPLICIT BIT STRING
} as const;

const damaged = () => unreadable("The private key's DER encoding is cut short or damaged");

/** Walks the elements of one DER value, left to right. Every method throws KEY_UNREADABLE when the bytes differ. */
export class DerReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Whether the next element has this tag; false at the end. */
  at(tag: number): boolean {
    return this.#bytes[this.#offset] === tag;
  }

  /** The contents of the next element, which must have this tag. The length must be definite. */
  read(tag: number): Buffer {
    if (!this.at(tag)) throw damaged();
    this.#offset += 1;
    const length = this.#length();
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw damaged();
    const contents = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return contents;
  }

  /** An INTEGER, without a sign: a key has no negative numbers, and some writers leave out the octet that says so. */
  integer(): bigint {
    const contents = this.read(tags.integer);
    if (contents.length === 0) throw damaged();
    return toNumber(contents);
  }

  sequence(): DerReader {
    return new DerReader(this.read(tags.sequence));
  }

  /** Nothing may follow. */
  end(): void {
    if (this.#offset !== this.#bytes.length) throw damaged();
  }

  #length(): number {
    const first = this.#bytes[this.#offset++];
    if (first === undefined) throw damaged();
    if (first < 0x80) return first;
    const size = first - 0x80;
    if (size < 1 || size > 3 || this.#offset + size > this.#bytes.length) throw damaged();
    const length = this.#bytes.readUIntBE(this.#offset, size);
    this.#offset += size;
    return length;
  }
}
