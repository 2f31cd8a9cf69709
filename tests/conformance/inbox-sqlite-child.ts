// One of several processes on one inbox: claims until there is nothing left, and says what it claimed and what it did.
// node inbox-sqlite-child.ts <path>
import { writeSync } from 'node:fs';
import { systemClock } from '../../lib/clock.ts';
import { sqliteInbox } from '../../lib/inbox/sqlite/sqlite-inbox.ts';

const inbox = await sqliteInbox({ path: process.argv[2] ?? '', clock: systemClock, busyTimeoutMs: 60_000 });
for (;;) {
  const claimed = await inbox.claim('keyvend-ecs', 3, 3_600_000);
  if (claimed.length === 0) break;
  for (const { id } of claimed) writeSync(1, `claimed ${id}\n`);
  for (const one of claimed) if (await inbox.done(one)) writeSync(1, `done ${one.id}\n`);
}
await inbox.close();
