// Who was refused what. Not in the trail of the key pair that was asked for, where a stranger could then write: a chain of its own
// for each process, on the log. The same refusal within a minute is one entry with a count, and of one caller so many a minute at
// most, so that nobody fills the log.

import type { Principal } from '../access/principal.ts';
import type { Clock } from '../clock.ts';
import { type Identity, identityKey } from '../identity.ts';
import type { Right } from '../rights.ts';
import { sha256Hex } from '../sha256.ts';

const MINUTE_MS = 60_000;
const MOST_A_MINUTE = 60;
/** So many callers and refusals are kept apart; what comes beyond that in one minute is counted together. */
const MOST_KEPT = 1_000;

interface Warns {
  warn(message: string, fields: object): void;
}

interface Refused {
  readonly who: string;
  readonly right: Right;
  readonly on: string;
  count: number;
}

export class Denials {
  readonly #clock: Clock;
  readonly #log: Warns;
  readonly #stream: string;
  #seq = 0;
  #digest = '';
  #minute = Number.NEGATIVE_INFINITY;
  readonly #seen = new Map<string, Refused>();
  readonly #ofCaller = new Map<string, number>();
  #beyond = 0;

  /** @param stream names the process */
  constructor(clock: Clock, log: Warns, stream: string) {
    this.#clock = clock;
    this.#log = log;
    this.#stream = stream;
  }

  note({ id: who }: Principal, right: Right, at: Identity, document: string | undefined): void {
    const minute = Math.floor(this.#clock.monotonicMs() / MINUTE_MS);
    if (minute !== this.#minute) this.#next(minute);
    const on = identityKey(at);
    const key = JSON.stringify([who, right, on]);
    const seen = this.#seen.get(key);
    if (seen !== undefined) {
      seen.count += 1;
      return;
    }
    const already = this.#ofCaller.get(who) ?? 0;
    if (already >= MOST_A_MINUTE || this.#seen.size >= MOST_KEPT) {
      this.#beyond += 1;
      return;
    }
    this.#ofCaller.set(who, already + 1);
    this.#seen.set(key, { who, right, on, count: 0 });
    this.#write({ who, right, on, ...(document === undefined ? {} : { document }) });
  }

  /** What was only counted is written when the minute is over and somebody is refused again; or never, where nobody is. */
  #next(minute: number): void {
    for (const { count, ...refused } of this.#seen.values()) if (count > 0) this.#write({ ...refused, again: count });
    if (this.#beyond > 0) this.#write({ beyond: this.#beyond });
    this.#seen.clear();
    this.#ofCaller.clear();
    this.#beyond = 0;
    this.#minute = minute;
  }

  #write(facts: object): void {
    this.#seq += 1;
    const entry = {
      ...{ stream: this.#stream, seq: this.#seq, at: new Date(this.#clock.wallMs()).toISOString() },
      ...{ ...facts, previous: this.#digest },
    };
    this.#digest = sha256Hex(JSON.stringify(entry));
    this.#log.warn('denied', { ...entry, digest: this.#digest });
  }
}
