// Key material in a value that cannot be printed. Grep `reveal(` for everyone who reads it.
import { inspect } from 'node:util';

const hidden = '[secret]';

/**
 * Holds one piece of key material. String conversion, JSON, `util.inspect`, `console.log`, an error's `cause` and
 * `structuredClone` all show `[secret]` or nothing: the value lives in a private field, which none of them can reach.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Only for code that must use it: the key parser and the secrets manager's adapter. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return hidden;
  }

  toJSON(): string {
    return hidden;
  }

  [inspect.custom](): string {
    return hidden;
  }
}
