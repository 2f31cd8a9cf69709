// The SSH wire encoding: RFC 4251 section 5, as far as keys use it.
import { fromNumber, join, toNumber } from './bytes.ts';
import { unreadable } from './unreadable.ts';

const damaged = () => unreadable("The key's SSH encoding is cut short or damaged");

/** Walks one SSH-encoded value, left to right. Every method throws KEY_UNREADABLE when the bytes differ. */
export class WireReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** That many bytes, as they are. */
  take(length: number): Buffer {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw damaged();
    const bytes = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return bytes;
  }

  uint32(): number {
    return this.take(4).readUInt32BE();
  }

  /** A `string`: a length in octets, then the octets. */
  string(): Buffer {
    return this.take(this.uint32());
  }

  /** An `mpint` above zero, without superfluous leading zeros. Keys hold no others. */
  mpint(): bigint {
    const bytes = this.string();
    const [first, second] = bytes;
    if (first === undefined || first >= 0x80) throw damaged();
    if (first === 0 && (second === undefined || second < 0x80)) throw damaged();
    return toNumber(bytes);
  }

  /** All that is left. */
  rest(): Buffer {
    return this.take(this.#bytes.length - this.#offset);
  }

  /** Nothing may follow. */
  end(): void {
    if (this.#offset !== this.#bytes.length) throw damaged();
  }
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function string(value: string | Uint8Array): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return join([uint32(bytes.length), bytes]);
}

/** A number above zero; a zero octet in front keeps one with its top bit set from reading as negative. */
export function mpint(value: bigint): Buffer {
  const bytes = fromNumber(value);
  return string(bytes[0]! >= 0x80 ? join([Buffer.alloc(1), bytes]) : bytes);
}
