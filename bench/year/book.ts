// What whoever lives through the year knows: which key pair is listed where, which keys there ever were, and what was seen.
import type { Identity } from '../../lib/identity.ts';
import { parsePublicKey } from '../../lib/ssh/public-key.ts';
import type { Version } from '../../lib/vending/attempt.ts';
import type { KeyPairRecord } from '../../lib/vending/record.ts';
import type { PolicyChange } from '../../lib/vending/rotation/policy.ts';
import type { Account } from './machines.ts';

/** An account in a key pair's policy. */
export interface Listing {
  /** By then the account must know the key that counts: it was listed, or came back, a day before. */
  settledAtMs: number;
  /** Since when it may be without the key that counts; absent once that was seen there. */
  behindSinceMs?: number;
  /** It was installed anew, and nobody has put a key there yet. */
  blank?: true;
}

export interface Pair {
  readonly identity: Identity;
  /** What its policy says, but for its hosts. */
  readonly policy: PolicyChange & { readonly coverage: number };
  readonly listed: Map<Account, Listing>;
  /** Every version that was ever seen, by its id. */
  readonly versions: Map<string, Version>;
}

export class Book {
  readonly pairs: Pair[] = [];
  readonly #owners = new Map<string, { readonly pair: Pair; readonly version: Version }>();
  /** Keys that an instance has written back at its boot, by account, and since when. */
  readonly #writtenBack = new Map<Account, Map<string, number>>();
  readonly #notes = new Map<Account, string[]>();
  /** For how long such keys were there. */
  readonly stayedMs: number[] = [];

  /** What happened to an account last. */
  notesOf = (account: Account): readonly string[] => this.#notes.get(account) ?? [];

  note(account: Account, nowMs: number, text: string): void {
    this.#notes.set(account, [...this.notesOf(account), `${new Date(nowMs).toISOString()} ${text}`].slice(-8));
  }

  /** Takes in what a record holds of keys. */
  learn(pair: Pair, { versions, rotations = [] }: KeyPairRecord): void {
    for (const version of [...versions, ...rotations.flatMap(({ successor }) => successor ?? [])]) {
      // The successor's moment is that of its making; what counts is when it began to count.
      const isKnown = pair.versions.has(version.id);
      if (isKnown && !versions.includes(version)) continue;
      pair.versions.set(version.id, version);
      if (!isKnown) this.#owners.set(blobOf(version.publicKey), { pair, version });
    }
  }

  /** The versions of a key pair whose keys are in a file. */
  versionsIn(text: string, pair: Pair): ReadonlySet<string> {
    const blobs = new Set(text.match(/AAAA[A-Za-z0-9+/=]+/g));
    const owners = [...blobs].flatMap((blob) => this.#owners.get(blob) ?? []);
    return new Set(owners.flatMap((owner) => (owner.pair === pair ? owner.version.id : [])));
  }

  bootWrote(account: Account, { id }: Version, nowMs: number): void {
    const there = this.#writtenBack.get(account) ?? new Map<string, number>();
    this.#writtenBack.set(account, there.set(id, nowMs));
  }

  /**
   * Which keys of a key pair in a file were written back. Of those that are gone, it is counted how long they were there since
   * nobody should have known them any more.
   */
  writtenBack(account: Account, pair: Pair, present: ReadonlySet<string>, { outgoing }: KeyPairRecord, nowMs: number) {
    const left = new Set<string>();
    const there = this.#writtenBack.get(account) ?? new Map<string, number>();
    for (const [id, bootedMs] of there) {
      if (!pair.versions.has(id)) continue;
      const out = outgoing?.pairs.find(({ versionId }) => versionId === id);
      const sinceMs = Math.max(bootedMs, out?.sinceMs ?? 0, account.machine.upSinceMs);
      if (present.has(id)) left.add(id);
      else if (there.delete(id) && out !== undefined) this.stayedMs.push(nowMs - sinceMs); // else it went with its overlap
    }
    return left;
  }

  /** Nobody looks after the account for that key pair any more, or its file was written anew. */
  forget(account: Account, pair: Pair): void {
    for (const id of pair.versions.keys()) this.#writtenBack.get(account)?.delete(id);
  }
}

const blobOf = (publicKey: string): string => parsePublicKey(publicKey).line.split(' ')[1]!;
