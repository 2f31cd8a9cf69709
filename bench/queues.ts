// Queue drain: how fast the queue functions empty their queues, with the clouds' limits on. On the local stack: a real SQS API,
// the local clouds, SQLite; at each queue a process with as many batches in hand as serverless.yml permits.
//
// - CVM takes ten creates a second. How many of those permits do we use, and is a request ever one too many?
// - Does a queue that waits for its cloud slow the others? Each drains alone, and then beside the two others.
// - Is a message lost, or done twice? Clouds, ledger, secret store, dead letters and announcements must agree.
//
// The published limits stay: 10 creates a second in a region of CVM, 500 pairs in one of ECS, so each run spreads over five.
// How many pairs ENS and CVM permit, and how many with one tag, is published nowhere: those are raised to what is sent. A
// create takes the clouds as long as `--cloud-ms` says: if it took next to nothing, processor and disk of this one machine,
// which the queues share here and not on AWS, would be what slows them. With `--processes 5` every batch is in a process of its
// own, as on Lambda; but then fifteen processes wait for SQLite's one lock, and that would outweigh everything else.
//
// With `--inbox` the messages are filed in an inbox and claimed from there, beside a ledger of the same kind, and nothing else is different.
//
// Run: node bench/queues.ts [--json FILE] [--inbox sqlite|postgres] [--messages N] [--alone N] [--processes N] [--cloud-ms N] [--short]
import { setTimeout as wait } from 'node:timers/promises';
import { type Identity, identityKey } from '../lib/identity.ts';
import { type ServiceName, serviceNames } from '../local/clouds/state/registry.ts';
import { exampleBody, exampleRegion } from '../local/example-request.ts';
import { booksOf } from './queues/books.ts';
import { queueOf, startStage } from './queues/stage.ts';
import { publish, quantile, readOptions, table } from './support/figures.ts';

const CVM_PER_SECOND = 10;
const LEAST_SHARE = 0.95;
const REGIONS_A_RUN = 5;

interface Drained {
  readonly run: 'alone' | 'together' | 'many';
  readonly provider: ServiceName;
  /** From the first message sent until the queue is empty. */
  readonly seconds: number;
  /** Pairs made, by the seconds of the clouds' clock from the first to the last, both included, as the limit is counted. */
  readonly perSecond: number;
}

const options = readOptions(
  { messages: 2_000, alone: 300, processes: 1, 'cloud-ms': 1_000 },
  { inbox: ['sqlite', 'postgres'] },
);
const inAll = 2 * options.alone + options.messages;
const raised = { 'ens.keyPairs': inAll, 'cvm.keyPairs': inAll, 'cvm.resourcesPerTag': inAll };
const stage = await startStage(options.processes, inAll * serviceNames.length, raised, options.inbox);
const { admin } = stage.clouds;

const wanted = new Set<string>();
const refusals = new Map<string, string>();
const { drained, books } = await measured().finally(() => stage.stop());
report();

async function measured() {
  for (const service of serviceNames) {
    const fault = { kind: 'delay', delayMs: options['cloud-ms'] } as const;
    admin.addFault({ match: { service, action: 'CreateKeyPair' }, times: 'always', fault });
  }
  const drained: Drained[] = [];
  for (const provider of serviceNames) drained.push(...(await drain('alone', [provider], options.alone)));
  drained.push(...(await drain('together', serviceNames, options.alone)));
  drained.push(...(await drain('many', serviceNames, options.messages)));
  return { drained, books: await booksOf(stage, wanted) };
}

/** Sends `count` messages to each queue and waits until all are empty. */
async function drain(run: Drained['run'], which: readonly ServiceName[], count: number): Promise<Drained[]> {
  const beganMs = performance.now();
  const patienceMs = 60_000 + (3_000 * count) / CVM_PER_SECOND;
  return Promise.all(
    which.map(async (provider) => {
      const identities = Array.from({ length: count }, (_, i) => identityFor(run, provider, i));
      for (const identity of identities) wanted.add(identityKey(identity));
      await stage.send(provider, identities.map(bodyOf));
      while ((await stage.left(queueOf(provider))) > 0) {
        if (performance.now() - beganMs > patienceMs) throw new Error(`the queue of ${provider} does not empty`);
        for (const { code, requestId } of admin.requests()) if (code !== '') refusals.set(requestId, code);
        await wait(200);
      }
      const seconds = (performance.now() - beganMs) / 1_000;
      const made = admin.pairs(provider).filter(({ name }) => name.startsWith(`${run}_`));
      const clockS = made.map(({ createdAtMs }) => Math.floor(createdAtMs / 1_000));
      const perSecond = made.length / (quantile(clockS, 1) - quantile(clockS, 0) + 1);
      return { run, provider, seconds, perSecond };
    }),
  );
}

/** ECS: every run has regions of its own, because the pairs of earlier ones stay, and count. CVM: one region, one limit. */
function identityFor(run: Drained['run'], provider: ServiceName, i: number): Identity {
  const regions = admin.limits()['ecs.regions'];
  const first = ['alone', 'together', 'many'].indexOf(run) * REGIONS_A_RUN;
  const region = provider === 'ecs' ? regions[first + (i % REGIONS_A_RUN)]! : exampleRegion(provider);
  return { provider, account: 'default', region, name: `${run}_${i}` };
}

function bodyOf({ provider, region, name }: Identity): object {
  return { provider, ...exampleBody(provider, name), ...(provider === 'ecs' && { region }) };
}

function report(): void {
  const of = (run: Drained['run'], provider: ServiceName) =>
    drained.find((one) => one.run === run && one.provider === provider)!;
  const rows = serviceNames.map((provider) => {
    const [alone, together, many] = [of('alone', provider), of('together', provider), of('many', provider)];
    const ratio = together.seconds / alone.seconds;
    const seconds = [alone.seconds.toFixed(1), together.seconds.toFixed(1), ratio.toFixed(2), many.seconds.toFixed(1)];
    return [provider, ...seconds, many.perSecond.toFixed(2)];
  });
  const share = of('many', 'cvm').perSecond / CVM_PER_SECOND;
  const codes = [...new Set(refusals.values())].join(', ');
  const text = [
    table(
      [
        'queue',
        `${options.alone} alone, s`,
        'all three, s',
        'ratio',
        `${options.messages} each, s`,
        'creates a second',
      ],
      rows,
    ),
    `CVM: ${(share * 100).toFixed(1)} % of the permits are used. The clouds refused ${refusals.size} requests${codes && ` (${codes})`};
${books.madeAgain} attempts were made again, ${books.announcedTwice} pairs announced more than once. ${books.wrong.length > 0 ? 'The books do not agree.' : `All ${wanted.size} pairs were made once, stored and announced; no dead letters.`}`,
  ].join('\n\n');
  const slow = share >= LEAST_SHARE ? [] : [`CVM drains at ${(share * 100).toFixed(1)} % of what is possible`];
  const { json: _, ...asked } = options;
  const figures = { ...asked, share, drained, refusals: [...refusals.values()], books };
  publish(text, figures, { broken: books.wrong, slow }, options);
}
