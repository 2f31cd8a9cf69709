// Which function answers which request, as serverless.yml says: the local gateway has no list of its own.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface Route {
  readonly method: string;
  /** With a group for each parameter of the path. */
  readonly pattern: RegExp;
  /** As in `POST /v1/ens/key-pairs`. */
  readonly key: string;
  /** `functions/ens.http`: a module and its export. */
  readonly handler: string;
}
export interface Scheduled {
  readonly handler: string;
  readonly everyMs: number;
  readonly input: unknown;
}
export interface Poll {
  /** The queue's logical name in the template. */
  readonly queue: string;
  readonly handler: string;
  readonly batchSize: number;
  /** How many batches are worked on at once. Those of several messages are as quick one after the other on one machine. */
  readonly workers: number;
  /** The function's timeout. */
  readonly timeoutMs: number;
}

interface Described {
  readonly provider: { readonly timeout: number };
  readonly functions: Readonly<Record<string, DescribedFunction>>;
}
interface DescribedFunction {
  readonly handler: string;
  readonly timeout?: number;
  readonly events?: readonly Described1[];
}
interface Described1 {
  readonly httpApi?: string;
  readonly sqs?: { readonly arn: string; readonly batchSize?: number; readonly maximumConcurrency?: number };
  readonly schedule?: string | { readonly rate: string; readonly input?: unknown };
}

/** CloudFormation's short forms: their text is enough to know which resource is meant. */
const customTags = ['GetAtt', 'Ref', 'Sub', 'Join', 'Select', 'Split'].flatMap((name) => [
  { tag: `!${name}`, resolve: (text: string) => text },
  { tag: `!${name}`, collection: 'seq' as const, resolve: (items: unknown) => items },
]);

export function described(file: URL): { routes: Route[]; polls: Poll[]; schedules: Scheduled[] } {
  const { provider, functions } = parse(readFileSync(file, 'utf8'), { customTags }) as Described;
  const all = Object.values(functions).flatMap(({ handler, timeout = provider.timeout, events = [] }) =>
    events.map((event) => ({ handler, timeoutMs: timeout * 1_000, event })),
  );
  return {
    routes: all.flatMap(({ handler, event }) => (event.httpApi === undefined ? [] : [routeOf(event.httpApi, handler)])),
    polls: all.flatMap(({ handler, timeoutMs, event: { sqs } }) =>
      sqs === undefined ? [] : [pollOf(sqs, { handler, timeoutMs })],
    ),
    schedules: all.flatMap(({ handler, event: { schedule } }) =>
      schedule === undefined ? [] : [scheduled(handler, typeof schedule === 'string' ? { rate: schedule } : schedule)],
    ),
  };
}

const pollOf = (
  { arn, batchSize = 10, maximumConcurrency = 1 }: NonNullable<Described1['sqs']>,
  of: Pick<Poll, 'handler' | 'timeoutMs'>,
): Poll => ({ ...of, queue: arn.replace(/\.Arn$/, ''), batchSize, workers: batchSize === 1 ? maximumConcurrency : 1 });

const units: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** `rate(5 minutes)`, as EventBridge has it. */
function scheduled(handler: string, { rate, input = {} }: { rate: string; input?: unknown }): Scheduled {
  const [, number, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(rate) ?? [];
  const ms = units[unit];
  if (ms === undefined) throw new TypeError(`not a rate: ${rate}`);
  return { handler, everyMs: Number(number) * ms, input };
}

function routeOf(key: string, handler: string): Route {
  const [method = '', path = ''] = key.split(' ');
  const pattern = path.replace(/[.]/g, '\\.').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return { method, pattern: new RegExp(`^${pattern}$`), key, handler };
}
