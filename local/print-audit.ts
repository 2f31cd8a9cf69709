// `keyvend audit verify`: whether the trail of every key pair is whole, by itself and against entries that were kept elsewhere.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityKey } from '../lib/identity.ts';
import { pagesOf } from '../lib/pages.ts';
import type { Anchor } from '../lib/vending/verify-trail.ts';
import { counted } from './counted.ts';
import { fail } from './fail.ts';
import { runHere } from './run-here.ts';

/**
 * @param anchors a file with one entry of the trail a line, as it was sent on: the function's log, or `trail.jsonl` of this machine
 * @returns whether nothing is wrong
 */
export async function verifyAudit(anchors: string | undefined, json: boolean): Promise<boolean> {
  runHere();
  const { runtime } = await import('../lib/platforms/runtime.ts');
  const { readTrail, verifyTrail } = await import('../lib/vending/verify-trail.ts');
  const { ledger, clock } = await runtime.ports();
  const file =
    anchors ??
    (process.env.KEYVEND_PLATFORM === 'local' ? join(process.env.KEYVEND_HOME ?? '', 'trail.jsonl') : undefined);
  const kept = file === undefined ? undefined : anchorsIn(file, anchors !== undefined);
  const [counts, faulty] = [{ keyPairs: 0, entries: 0 }, new Set<string>()];
  const found: { readonly keyPair: string; readonly fault: string }[] = [];
  const tell = (key: string, fault: string) => {
    faulty.add(key);
    found.push({ keyPair: key, fault });
    if (!json) process.stdout.write(`${key}: ${fault}\n`);
  };
  const seen = new Set<string>();
  for await (const { records } of pagesOf((from) => ledger.list({ limit: 100, ...from }))) {
    for (const record of records) {
      const key = identityKey(record.identity);
      seen.add(key);
      const { entries, faults } = verifyTrail(record, await readTrail({ ledger, clock }, record), kept?.get(key));
      counts.keyPairs += 1;
      counts.entries += entries;
      for (const fault of faults) tell(key, fault);
    }
  }
  for (const key of kept?.keys() ?? [])
    if (!seen.has(key)) tell(key, 'its entries were kept elsewhere, and it is on no record');
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...counts, endProved: kept !== undefined, faults: found })}\n`);
    return faulty.size === 0;
  }
  const end =
    kept === undefined
      ? 'end not proved: give what was kept elsewhere with --anchors FILE'
      : 'up to the last entry that was kept elsewhere';
  process.stdout.write(
    `${counted(counts.keyPairs, 'key pair')}, ${counted(counts.entries, 'entry', 'entries')}: ${faulty.size === 0 ? 'whole' : `${counted(faulty.size, 'key pair')} with faults`}; ${end}\n`,
  );
  return faulty.size === 0;
}

/** Lines that are no entries are skipped: a log has others as well. */
function anchorsIn(file: string, named: boolean): ReadonlyMap<string, readonly Anchor[]> | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return named ? fail('there is nothing to read at the path of --anchors', 2) : undefined;
  }
  const found = new Map<string, Anchor[]>();
  for (const line of text.split('\n')) {
    const { provider, account, region, name, seq, digest } = fieldsIn(line);
    if (typeof seq !== 'number' || typeof digest !== 'string' || typeof name !== 'string') continue;
    const key = [provider, account, region, name].join('/');
    found.set(key, [...(found.get(key) ?? []), { seq, digest }]);
  }
  return found;
}

function fieldsIn(line: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(line)) as Record<string, unknown>;
  } catch {
    return {};
  }
}
