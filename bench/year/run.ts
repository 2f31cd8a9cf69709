// A year: key pairs are vended, life goes on week by week, and workers come as their schedules have them come.
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY_MS, deadlineIn } from '../../lib/clock.ts';
import { vend } from '../../lib/vending/vend.ts';
import { random } from '../../tests/doubles/random.ts';
import { testClock } from '../../tests/doubles/test-clock.ts';
import { Agenda } from './agenda.ts';
import { Book, type Pair } from './book.ts';
import { Broken } from './broken.ts';
import { Life } from './life.ts';
import { type Machines, startMachines } from './machines.ts';
import { Records } from './records.ts';
import { sshClient } from './ssh-client.ts';
import { PLACE, type Stack, startStack } from './stack.ts';
import { Watch } from './watch.ts';
import { Workers } from './workers.ts';

/** One key pair after another is vended this far apart, so that not all are rotated on the same day. */
const APART_MS = 2 * DAY_MS;
/** One key pair in four waits for all of its hosts, and has only such as are never down for weeks. */
const policies: readonly Pair['policy'][] = [
  { coverage: 0.6 },
  { coverage: 0.75, updateTemplates: true },
  { coverage: 0.6, rebind: true },
  { coverage: 1 },
];

export interface YearOptions {
  readonly weeks: number;
  readonly pairs: number;
  /** How many machines. */
  readonly hosts: number;
  readonly seed: number;
  /** Called after each week. */
  readonly progress?: (text: string) => void;
}

export type Year = Awaited<ReturnType<typeof year>>;

export async function year(options: YearOptions) {
  const beganMs = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'keyvend-year-'));
  chmodSync(folder, 0o711); // homes of another account are below it
  const clean = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', clean); // ended by hand, say
  let machines: Machines | undefined;
  let stack: Stack | undefined;
  try {
    machines = await startMachines(folder, options.hosts);
    const [clock, book] = [testClock(), new Book()];
    const broken = new Broken(clock);
    const watch = new Watch(book, machines, sshClient(join(folder, 'keys')), broken);
    stack = await startStack(folder, clock, watch.watched);
    watch.begins(stack);
    const records = new Records(stack, book, broken);
    const workers = new Workers(stack, book, watch, records);
    const agenda = new Agenda(clock, random(options.seed));
    const life = new Life(stack, book, machines, agenda);
    await lives(options, { stack, book, machines, watch, records, workers, agenda, life, beganMs });
    for (const defect of stack.defects) broken.add(`a defect: ${defect instanceof Error ? defect.stack : defect}`);
    return {
      ...{ options, broken: broken.all, events: agenda.events, failures: Object.fromEntries(stack.failures) },
      ...{ watched: watch.counts, behindMs: watch.behindMs, writtenBackMs: book.stayedMs },
      ...{ rotations: [...records.rotations.values()], attached: records.attached },
      ...{ notices: stack.notices.map(({ type }) => type), left: await records.left() },
      ...{ passes: workers.passes, calls: stack.calls(), accounts: machines.accounts.length },
      ...{ largestRecord: records.largestBytes, ledgerBytes: statSync(stack.ledgerFile).size },
      seconds: Math.round((performance.now() - beganMs) / 1_000),
    };
  } finally {
    await stack?.close();
    await machines?.remove();
    clean();
    process.off('exit', clean);
  }
}

interface Scene {
  readonly stack: Stack;
  readonly book: Book;
  readonly machines: Machines;
  readonly watch: Watch;
  readonly records: Records;
  readonly workers: Workers;
  readonly agenda: Agenda;
  readonly life: Life;
  readonly beganMs: number;
}

async function lives({ weeks, pairs, progress }: YearOptions, scene: Scene): Promise<void> {
  const { stack, book, watch, workers, agenda, life } = scene;
  const { clock, ports } = stack;
  let [workAtMs, checkAtMs] = [clock.wallMs(), clock.wallMs()];
  const goesOn = async (forMs: number) => {
    const untilMs = clock.wallMs() + forMs;
    while (clock.wallMs() < untilMs) {
      const atMs = Math.min(workAtMs, checkAtMs, agenda.nextMs, untilMs);
      clock.advance(Math.max(0, atMs - clock.wallMs()));
      await agenda.goOn();
      if (clock.wallMs() >= workAtMs) {
        await workers.come();
        life.readsEvents();
        workAtMs = await workers.nextMs(clock.wallMs());
      }
      if (clock.wallMs() >= checkAtMs) {
        await checks(scene);
        checkAtMs = clock.wallMs() + DAY_MS;
      }
    }
  };

  for (let i = 1; i <= pairs; i += 1) {
    const identity = { ...PLACE, name: `web-${i}` };
    const request = { tags: { team: 'web' } };
    await vend(ports, { identity, request, caller: 'year', deadline: deadlineIn(clock, 28_000) });
    const policy = policies[i % policies.length]!;
    book.pairs.push({ identity, policy, listed: new Map(), versions: new Map() });
    await life.begins(book.pairs.at(-1)!);
    await goesOn(APART_MS);
  }
  for (let week = 1; week <= weeks; week += 1) {
    life.plansWeek();
    await goesOn(7 * DAY_MS);
    const seconds = Math.round((performance.now() - scene.beganMs) / 1_000);
    progress?.(`week ${week}: ${seconds} s, ${workers.passes} passes, ${watch.counts.workerLogins} logins`);
  }
}

/** Everything, once a day, and one login with the real ssh. */
async function checks({ book, machines, watch, records, agenda }: Scene): Promise<void> {
  for (const account of machines.accounts) await watch.look(account);
  for (const pair of book.pairs) await records.look(pair);
  await records.lookAtInstances();
  const pair = agenda.random.pick(book.pairs);
  const readers = watch.readers(pair);
  if (readers.length > 0) await watch.logsIn(pair, agenda.random.pick(readers));
}
