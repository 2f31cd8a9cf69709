// One of several processes on one ledger file: says when it is ready, starts when it is told to, reports what it did.
// node ledger-sqlite-child.ts <path> open|race|write
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { systemClock } from '../../lib/clock.ts';
import { sqliteLedger } from '../../lib/ledger/sqlite/sqlite-ledger.ts';
import { active, called, numbers, type TestRecord, web } from './ledger-harness.ts';

const [path = '', job = ''] = process.argv.slice(2);
const open = () => sqliteLedger<TestRecord, unknown>({ path, clock: systemClock, busyTimeoutMs: 60_000 });
const say = (what: unknown) => writeSync(1, `${JSON.stringify(what)}\n`);
const go = async () => {
  say('ready');
  await once(process.stdin, 'data');
  process.stdin.destroy();
};

/** Opens the file, which may not be there yet, and writes one record. */
async function opening(): Promise<void> {
  await go();
  const ledger = await open();
  await ledger.write(active(called(`n${process.pid}`)), 0);
  await ledger.close();
  say('done');
}

/** Does what every other process does at the same time. */
async function racing(): Promise<void> {
  const ledger = await open();
  const untilMs = systemClock.wallMs() + 3_600_000;
  await go();
  const did = { opened: 0, added: 0, permits: 0, remembered: [] as string[] };
  for (const i of numbers(40)) {
    if ((await ledger.write(active(called(`n${i}`), { settleAtMs: i }), 0)) === 1) did.opened += 1;
    if (await ledger.tryAcquire(`window ${i % 4}`, 13, untilMs)) did.permits += 1;
    did.remembered.push(await ledger.remember(`key ${i}`, String(process.pid), systemClock.wallMs(), untilMs));
    await ledger.fileAttempt(web, `${process.pid} ${i}`, i);
    for (let done = false; !done; ) {
      const { record, revision } = (await ledger.read(web))!;
      done = (await ledger.write(active(web, { note: Number(record.note) + 1 }), revision)) !== 'conflict';
    }
    did.added += 1;
  }
  await ledger.close();
  say(did);
}

/** Writes until it is killed, and reports each write that was acknowledged. */
async function writing(): Promise<void> {
  const ledger = await open();
  const names = ['a', 'b', 'c'];
  const revisions = new Map<string, number>();
  for (const name of names) revisions.set(name, (await ledger.read(called(name)))?.revision ?? 0);
  await go();
  for (;;) {
    for (const name of names) {
      const revision = revisions.get(name)! + 1;
      // Larger than a page of the file, so that a torn write would show.
      const note = `${revision} `.repeat(2_000);
      await ledger.write(active(called(name), { note, settleAtMs: revision }), revision - 1);
      await ledger.fileAttempt(called(name), String(revision), note);
      revisions.set(name, revision);
      say([name, revision]);
    }
  }
}

await { open: opening, race: racing, write: writing }[job as 'open' | 'race' | 'write']();
