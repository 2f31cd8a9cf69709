// The process that is measured. The functions' log goes to stdout, as on Lambda; what was measured goes to the parent.
import { Secret } from '../../lib/secret.ts';
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';
import { type ServiceName, serviceNames } from '../../local/clouds/state/registry.ts';
import { exampleBody } from '../../local/example-request.ts';
import { contextFor } from '../../local/stack/invoke.ts';
import { median } from '../support/figures.ts';
import { aPrivateKey } from './services.ts';
import { accounted } from './turns.ts';
import { type Port, wired } from './wired.ts';

export interface Order {
  /** Whether ledger, store and event bus are AWS's, with their adapters, or memory. */
  readonly aws: boolean;
  readonly concurrent: number;
  readonly warmUp: number;
  readonly timed: number;
  /** How many requests run with everything that is waited for there at once. */
  readonly instant: number;
}

/** Milliseconds of one request; `new` made its pair, `again` found it made. */
export interface Measured {
  readonly kind: 'new' | 'again';
  readonly ownMs: number;
  readonly beyondMs: number;
}

export interface Report {
  readonly timed: readonly Measured[];
  /** What it takes to read and check one RSA key, the median. */
  readonly keyCheckMs: number;
  readonly instantS: number;
  /** The processor time of the whole process, stand-ins and all. */
  readonly instantCpuS: number;
  /** After each tenth of the instant requests, in megabytes after a garbage collection. */
  readonly memory: readonly { readonly requests: number; readonly heapMB: number; readonly rssMB: number }[];
}

/** What a call takes within a region, and to a cloud elsewhere, roughly; each takes half to one and a half of it. */
const usualMs: Readonly<Record<Port, number>> = { ledger: 5, store: 20, publish: 10, create: 200, describe: 100 };
const kinds = ['new', 'again', 'again'] as const;
/** After this many new pairs the stand-ins forget them: what they keep is no growth of ours. */
const FORGOTTEN_AFTER = 500;

const bodyOf = (provider: ServiceName, name: string): object => ({
  ...exampleBody(provider, name),
  ...(provider === 'ecs' && { tags: { team: 'platform', stage: 'prod' } }),
});

process.once('disconnect', () => process.exit(0)); // also when the parent is gone
const order = JSON.parse(process.argv[2] ?? '') as Order;
let instant = true;
let named = 0;
const { handlers, authorization, forget } = await wired(order.aws, (port) =>
  instant ? 0 : usualMs[port] * (0.5 + Math.random()),
);
await requests(order.warmUp);
process.send?.(await measured(), () => process.disconnect());

async function measured(): Promise<Report> {
  instant = false;
  const timed: Measured[] = [];
  await requests(order.timed, (one) => timed.push(one));

  instant = true;
  const memory: Report['memory'][number][] = [];
  const [cpu, beganMs] = [process.cpuUsage(), performance.now()];
  let done = 0;
  for (let tenth = 1; tenth <= 10; tenth += 1) {
    done += await requests(order.instant / 10);
    memory.push({ requests: done, ...(await afterCollection()) });
  }
  const { user, system } = process.cpuUsage(cpu);
  const instantS = (performance.now() - beganMs) / 1_000;
  return { timed, keyCheckMs: keyCheckMs(), instantS, instantCpuS: (user + system) / 1e6, memory };
}

/** Every name is a new one, and asked for twice more. @returns how many requests that made: `count`, or a few more */
async function requests(count: number, tell: (one: Measured) => void = () => {}): Promise<number> {
  const names = Math.ceil(count / kinds.length);
  for (let left = names; left > 0; left -= FORGOTTEN_AFTER) {
    let next = Math.min(left, FORGOTTEN_AFTER);
    const worker = async () => {
      while (next > 0) {
        next -= 1;
        named += 1;
        const [provider, name] = [serviceNames[named % serviceNames.length]!, `key_${named}`];
        for (const kind of kinds) tell(await one(kind, provider, name));
      }
    };
    await Promise.all(Array.from({ length: order.concurrent }, worker));
    forget();
  }
  return names * kinds.length;
}

async function one(kind: Measured['kind'], provider: ServiceName, name: string): Promise<Measured> {
  const event = {
    version: '2.0',
    rawPath: `/v1/${provider}/key-pairs`,
    rawQueryString: '',
    headers: { authorization, 'content-type': 'application/json', 'user-agent': 'portal/1.0', host: 'keyvend.example' },
    requestContext: { stage: '$default', http: { method: 'POST', path: `/v1/${provider}/key-pairs` } },
    body: JSON.stringify(bodyOf(provider, name)),
    isBase64Encoded: false,
  };
  let answered: unknown;
  const times = await accounted(async () => {
    answered = await handlers[provider](event, contextFor(`${provider}Http`));
  });
  const { statusCode, body } = answered as { statusCode: number; body: string };
  if (statusCode !== (kind === 'new' ? 201 : 200)) throw new Error(`${kind}: ${statusCode} ${body}`);
  return { kind, ...times };
}

function keyCheckMs(): number {
  const once = () => {
    const beganMs = performance.now();
    parsePrivateKey(new Secret(aPrivateKey));
    return performance.now() - beganMs;
  };
  return median(Array.from({ length: 500 }, once));
}

async function afterCollection() {
  for (let times = 0; times < 2; times += 1) {
    await new Promise(setImmediate);
    globalThis.gc?.();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapMB: (heapUsed + external) / 2 ** 20, rssMB: rss / 2 ** 20 };
}
