// What one operation costs a ledger, counted at its port and below it.
import { readFileSync } from 'node:fs';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import type { Attempt } from '../../lib/vending/attempt.ts';
import type { KeyPairRecord } from '../../lib/vending/record.ts';

export type KeyPairLedger = Ledger<KeyPairRecord, Attempt>;

export interface Cost {
  /** How many calls, by method of the port. */
  readonly calls: Readonly<Record<string, number>>;
  /** Rows or items that came back, and that were written. */
  readonly read: number;
  readonly written: number;
  /** The size of what was asked and answered, as JSON: at SQLite's port, on DynamoDB's wire. */
  readonly bytes: number;
  /** Inside the ledger's calls. */
  readonly ms: number;
  /** Bytes of this process's files and pipes, so what SQLite's cache did not have; NaN where the system does not tell. */
  readonly fileRead: number;
  readonly fileWritten: number;
  /** Capacity units, as DynamoDB counts them. Others: 0. */
  readonly capacity: number;
  /** Pages of tables and indexes that the server looked at, in its memory or not. PostgreSQL alone. */
  readonly pages?: number;
}

/** Counts for one ledger; whatever serves it adds to the fields. */
export class Meter {
  calls: Record<string, number> = {};
  read = 0;
  written = 0;
  bytes = 0;
  ms = 0;
  capacity = 0;

  /** The ledger with every call counted. */
  metered(ledger: KeyPairLedger): KeyPairLedger {
    return new Proxy(ledger, {
      get:
        (target, name) =>
        async (...given: unknown[]) => {
          const beganMs = performance.now();
          try {
            return await Reflect.apply(Reflect.get(target, name) as () => Promise<unknown>, target, given);
          } finally {
            this.ms += performance.now() - beganMs;
            this.calls[String(name)] = (this.calls[String(name)] ?? 0) + 1;
          }
        },
    });
  }

  /** What the work costs. */
  async of(work: () => Promise<unknown>): Promise<Cost> {
    Object.assign(this, new Meter());
    const before = fileBytes();
    await work();
    const after = fileBytes();
    const { read, written, bytes, ms, capacity } = this;
    const files = { fileRead: after.read - before.read - looking, fileWritten: after.written - before.written };
    return { calls: { ...this.calls }, read, written, bytes, ms, capacity, ...files };
  }
}

/** What this process has read and written so far (Linux, proc_pid_io(5)). */
function fileBytes(): { read: number; written: number } {
  try {
    const text = readFileSync('/proc/self/io', 'utf8');
    const numberAt = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
    return { read: numberAt('rchar'), written: numberAt('wchar') };
  } catch {
    return { read: Number.NaN, written: Number.NaN };
  }
}
/** Reading that file is reading, too. */
const looking = (() => {
  const before = fileBytes();
  return fileBytes().read - before.read;
})();
