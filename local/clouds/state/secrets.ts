// The secrets of KMS: values among them, which are kept here and leave by GetSecretValue alone. They live as long as the process: in the state
// file a value would lie in clear, and a key to seal it with would have to lie beside it.
import type { Tag } from './registry.ts';

export interface SecretVersion {
  readonly id: string;
  readonly value: string;
  readonly type: 'text' | 'binary';
  readonly createdAtMs: number;
  readonly stages: readonly string[];
}

export interface SecretPlace {
  readonly account: string;
  readonly region: string;
}

export interface KmsSecret extends SecretPlace {
  readonly name: string;
  readonly description: string;
  readonly instanceId: string;
  /** Of the key that it is encrypted with; empty where none was named. */
  readonly keyId: string;
  readonly tags: readonly Tag[];
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** When it goes for good, while its deletion is scheduled. */
  readonly goesAtMs?: number;
  /** The earliest first. */
  readonly versions: readonly SecretVersion[];
}

const keyOf = ({ account, region, name }: SecretPlace & { readonly name: string }): string =>
  `${account}/${region}/${name}`;

export class Secrets {
  readonly #all = new Map<string, KmsSecret>();

  /** Adds it, or replaces the one of the same place and name. */
  put(secret: KmsSecret): void {
    this.#all.set(keyOf(secret), secret);
  }

  /** Undefined also for one whose window is over. */
  get(place: SecretPlace, name: string, nowMs: number): KmsSecret | undefined {
    const found = this.#all.get(keyOf({ ...place, name }));
    if (found?.goesAtMs === undefined || nowMs < found.goesAtMs) return found;
    this.#all.delete(keyOf(found));
    return undefined;
  }

  remove(secret: KmsSecret): void {
    this.#all.delete(keyOf(secret));
  }

  /** One place's, in the order in which they were made. */
  at({ account, region }: SecretPlace, nowMs: number): KmsSecret[] {
    return [...this.#all.values()].filter(
      (one) => one.account === account && one.region === region && this.get(one, one.name, nowMs) !== undefined,
    );
  }

  all(): readonly KmsSecret[] {
    return [...this.#all.values()];
  }

  clear(): void {
    this.#all.clear();
  }
}
