// A run that is spelled out: who asks on which provider, and which faults come when. It has a name, by which it is run
// again: `ecs http: http.1/7 late by 260 s + http.2/3 crash after`. A call in place of a step means every such call.
import { isProvider, type ProviderName } from '../../lib/provider-table.ts';
import { asks, type Trigger } from './callers.ts';
import { everyFault, type Fault, type FaultPlan, nameOf } from './faults.ts';
import { comes, finished, type Run } from './run.ts';
import { network } from './scheduler.ts';
import { type Act, strangerComes } from './stranger.ts';
import { world } from './world.ts';

export interface Placed {
  /** A process, as `http.1`, or all of a caller's, as `http`. */
  readonly who: string;
  /** Which of its calls, counted from 1; or all of one kind, as `store.put`. */
  readonly at: number | string;
  readonly fault: Fault;
}

export interface Case {
  readonly provider: ProviderName;
  readonly trigger: keyof typeof stories;
  /** Which of those that go on at the same time comes first. Default 1. */
  readonly seed?: number;
  /** Whether what is read may be old. */
  readonly lagging?: boolean;
  /** Whether the cloud's fingerprints prove nothing, and that is not enough. */
  readonly unproven?: boolean;
  /** Whether those who answer callers may read stored keys. */
  readonly reading?: boolean;
  /** Whether keys are made here, stored and imported. */
  readonly importing?: boolean;
  readonly stranger?: { readonly act: Act; readonly when: number | string };
  readonly faults: readonly Placed[];
}

/** Who asks, when, and how. */
const stories = {
  http: [{ who: 'http', ms: 0, how: 'http' }],
  queue: [{ who: 'queue', ms: 0, how: 'queue' }],
  /** Recovery has been there, and what is late is still on its way, when somebody asks again. */
  once: [
    { who: 'once', ms: 0, how: 'once' },
    { who: 'again', ms: 200_000, how: 'http' },
  ],
  /** The third comes when the horizon of the first is over. */
  thrice: [
    { who: 'first', ms: 0, how: 'once' },
    { who: 'second', ms: 1_150_000, how: 'once' },
    { who: 'third', ms: 1_260_000, how: 'http' },
  ],
} as const satisfies Record<string, readonly { who: string; ms: number; how: Trigger }[]>;

function caseName(one: Case): string {
  const { provider, trigger, seed = 1, lagging, unproven, reading, importing, stranger, faults } = one;
  const all = [
    ...(seed === 1 ? [] : [`seed ${seed}`]),
    ...(lagging ? ['lagging'] : []),
    ...(unproven ? ['unproven'] : []),
    ...(reading ? ['reading'] : []),
    ...(importing ? ['importing'] : []),
    ...(stranger === undefined ? [] : [`stranger ${stranger.act} at ${stranger.when}`]),
    ...faults.map(({ who, at, fault }) => `${who}/${at} ${nameOf(fault)}`),
  ];
  return `${provider} ${trigger}: ${all.join(' + ')}`;
}

const byName = new Map(everyFault.map((fault) => [nameOf(fault), fault]));

/** @throws {TypeError} for a name that no case has */
export function caseOf(name: string): Case {
  const [, provider, trigger, list = '?'] = /^(\w+) (http|queue|once|thrice): (.*)$/.exec(name) ?? [];
  if (!isProvider(provider)) throw new TypeError(`no such case: ${name}`);
  const faults: Placed[] = [];
  let rest: Omit<Case, 'provider' | 'trigger' | 'faults'> = {};
  for (const part of list.split(' + ').filter((text) => text !== '')) {
    const [, seed] = /^seed (\d+)$/.exec(part) ?? [];
    const [, act, when] = /^stranger (makes|deletes|replaces) at ([\w.]+)$/.exec(part) ?? [];
    const [, who, at, kind = ''] = /^([\w.]+)\/([\w.]+) (.+)$/.exec(part) ?? [];
    const fault = byName.get(kind);
    if (['lagging', 'unproven', 'reading', 'importing'].includes(part)) rest = { ...rest, [part]: true };
    else if (seed !== undefined) rest = { ...rest, seed: Number(seed) };
    else if (act !== undefined) rest = { ...rest, stranger: { act: act as Act, when: numberOr(when!) } };
    else if (fault !== undefined) faults.push({ who: who!, at: numberOr(at!), fault });
    else throw new TypeError(`no such case: ${name}`);
  }
  return { provider, trigger: trigger as Case['trigger'], ...rest, faults };
}

const numberOr = (text: string): number | string => (/^\d+$/.test(text) ? Number(text) : text);

const LAG_MS = 25_000;

/** The callers of a story, and faults for them and for recovery. */
export async function runCase(one: Case): Promise<Run> {
  const { provider, trigger, seed = 1, lagging = false, unproven = false, reading = false, importing, stranger } = one;
  const { faults } = one;
  const title = caseName(one);
  const plan = planOf(faults);
  const all = world(seed, provider, plan, unproven);
  all.cloud.lagMs = lagging ? LAG_MS : 0;
  all.callersRead = reading;
  if (importing) Object.assign(all.unusual, { keySource: 'import' });
  const [named] = all.names;
  await all.settledIn(); // so that a step means the same call in whichever process comes
  for (const [i, { who, ms, how }] of stories[trigger].entries()) {
    // Those who come later are not waited for: recovery goes on meanwhile.
    if (i === 0) comes(all, ms, () => asks(all, named, who, how));
    else void all.scheduler.point(network, ms).then(() => asks(all, named, who, how));
  }
  if (stranger !== undefined) strangerComes(all, named, stranger.act, stranger.when);
  return finished(all, { title, again: `--only '${title}'` }, plan);
}

const planOf = (faults: readonly Placed[]): FaultPlan => ({
  at: (process, step, call) =>
    faults.find(({ who, at }) => (who === process || process.startsWith(`${who}.`)) && (at === step || at === call))
      ?.fault,
});
