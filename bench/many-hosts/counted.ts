// A ledger, and what each write of a key pair's record was.
import { recordItem } from '../../lib/ledger/dynamodb/dynamodb-items.ts';
import { entryOf } from '../../lib/ledger/entry.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import type { Attempt } from '../../lib/vending/attempt.ts';
import type { KeyPairRecord } from '../../lib/vending/record.ts';
import { Pages } from './pages.ts';

export interface Write {
  readonly record: KeyPairRecord;
  /** Bytes. */
  readonly json: number;
  readonly item: number;
  readonly pages: ReturnType<Pages['next']>;
}

export function counted(ledger: Ledger<KeyPairRecord, Attempt>) {
  const writes: Write[] = [];
  const pages = new Pages();
  const write: typeof ledger.write = async (record, expected) => {
    const revision = await ledger.write(record, expected);
    if (revision !== 'conflict' && record.successorOf === undefined) {
      const entry = entryOf(record);
      const item = bytesOf(recordItem(entry, revision, 'x'.repeat(12)));
      writes.push({ record, json: Buffer.byteLength(entry.json), item, pages: pages.next(record) });
    }
    return revision;
  };
  return { ledger: { ...ledger, write }, writes };
}

/** As DynamoDB counts an item: the names of its attributes, texts in UTF-8, bytes as they are, numbers at 2 digits a byte. */
const bytesOf = (item: object): number =>
  Object.entries(item).reduce((all, [name, value]) => all + name.length + sizeOf(value as Record<string, string>), 0);
const sizeOf = ({ S = '', N = '', B = '' }: Record<string, string>): number =>
  Buffer.byteLength(S) + Math.ceil(N.length / 2) + Buffer.from(B, 'base64').length;
