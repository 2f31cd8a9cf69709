// A rotation that is spelled out: on which provider, whether it is cancelled, and which fault comes at which step of
// which worker. It has a name, by which it is run again: `rotation ecs cancelled at 30: worker1/12 crash after`.
import { isProvider, type ProviderName, providerNames } from '../../../lib/provider-table.ts';
import { retire } from '../../../lib/vending/retire.ts';
import { cancelRotation, requestRotation, setPolicy } from '../../../lib/vending/rotation/rotation-commands.ts';
import type { RotationPorts } from '../../../lib/vending/rotation/rotation-ports.ts';
import { idAt } from '../../doubles/pair-mark.ts';
import { changes, everyFault, type Fault, fits, nameOf } from '../faults.ts';
import { network } from '../scheduler.ts';
import { finished, quiet, type RotationRun, recordOf } from './quiet.ts';
import { during, type Scene, scene } from './scene.ts';

const MINUTE = 60_000;

/**
 * `attached`: an instance keeps the old pair, and once the old key is off the hosts, one more is listed that knows no other.
 * `retired`: an instance has the pair that counts when it is taken out of use.
 * `named`: the key pair's name is to lead to the key that counts; it is rotated twice.
 * `moved`: the store keeps few versions, so the key of a pair that an instance keeps moves; soon after, the instance is released.
 * `crowded`: such a store is full when, in an overlap, the next rotation was cancelled and is asked for again. Of what could be late, that
 * is about what is stored.
 */
const stories = ['attached', 'retired', 'named', 'moved', 'crowded'] as const;
type Story = (typeof stories)[number];
/** How many versions the store keeps. */
const mostIn: Partial<Record<Story, number>> = { attached: 3, moved: 2, crowded: 3 };

export interface RotationCase {
  readonly provider: ProviderName;
  readonly story?: Story;
  /** In the middle of which of the first worker's steps. */
  readonly cancelledAt?: number;
  readonly fault?: { readonly who: string; readonly at: number; readonly fault: Fault };
}

const nameOfCase = ({ provider, story, cancelledAt, fault }: RotationCase): string =>
  `rotation ${provider}${story === undefined ? '' : ` ${story}`}${cancelledAt === undefined ? '' : ` cancelled at ${cancelledAt}`}: ${
    fault === undefined ? '' : `${fault.who}/${fault.at} ${nameOf(fault.fault)}`
  }`;

/** @throws {TypeError} for a name that no case has */
export function rotationCase(name: string): RotationCase {
  const [, provider, told, at, who, step, kind] =
    /^rotation (\w+)(?: (attached|retired|named|moved|crowded))?(?: cancelled at (\d+))?: (?:(\w+)\/(\d+) (.+))?$/.exec(
      name,
    ) ?? [];
  const fault = everyFault.find((one) => nameOf(one) === kind);
  if (!isProvider(provider) || (kind !== undefined && fault === undefined))
    throw new TypeError(`no such case: ${name}`);
  const story = stories.find((one) => one === told);
  return {
    provider,
    ...(story && { story }),
    ...(at === undefined ? {} : { cancelledAt: Number(at) }),
    ...(fault === undefined ? {} : { fault: { who: who!, at: Number(step), fault } }),
  };
}

/** Two machines; a worker every minute until the overlap is over, and then until nothing is due. */
export async function runRotation(one: RotationCase): Promise<RotationRun> {
  const { provider, story, cancelledAt, fault } = one;
  const mostVersions = story === undefined ? undefined : mostIn[story];
  const all = await scene(1, provider, 2, 1, undefined, story === 'named', mostVersions);
  const { line, scheduler } = all.all;
  const { process, ports } = all.worker('asks');
  let id = '';
  await during(all.all, async () => {
    ({ id } = await requestRotation(ports, all.identity, { caller: 'portal' }));
  });
  process.done();
  let cancelled = false;
  line.plan = {
    at(who, step) {
      if (who === 'worker1' && step === cancelledAt && !cancelled) {
        cancelled = true;
        const portal = all.worker('cancels');
        void cancelRotation(portal.ports, all.identity, id).then(
          () => all.cancelled.add(id),
          () => {},
        );
      }
      return who === fault?.who && step === fault.at ? fault.fault : undefined;
    },
  };
  for (let i = 1; i <= 4; i += 1) void scheduler.point(network, i * MINUTE).then(() => void all.rotates(`worker${i}`));
  if (story !== undefined) await goesOn(all, story);
  await scheduler.run(scheduler.nowMs + 5 * MINUTE);
  await recordOf(all);
  line.note('all', 'the first minutes are over');
  const { plan } = line;
  const done = quiet(all);
  line.plan = plan; // faults of workers that come later
  await done;
  const title = nameOfCase(one);
  return finished(all, { title, again: `--only '${title}'` });
}

/** The overlap is 20 minutes, and the grace of what is retired an hour. */
async function goesOn(all: Scene, story: Story): Promise<void> {
  const { cloud, scheduler } = all.all;
  const at = (minutes: number, act: () => unknown) => void scheduler.point(network, minutes * MINUTE).then(act);
  if (story === 'crowded') return crowded(all, at);
  const worker = (minutes: number, i: number) => at(minutes, () => void all.rotates(`worker${i}`));
  const versions = (await recordOf(all)).versions;
  if (story === 'attached' || story === 'moved') cloud.attach(idAt(cloud, versions[0]!), 'i-1');
  if (story === 'retired')
    at(6, async () => {
      const standing = (await recordOf(all)).versions.at(-1);
      if (standing !== undefined) cloud.attach(idAt(cloud, standing), 'i-1');
    });
  for (const [i, minutes] of [23, 24, 26, 28].entries()) worker(minutes, 5 + i);
  if (story === 'named') {
    at(30, async () => {
      const { process, ports } = all.worker('asks again');
      await requestRotation(ports, all.identity, { caller: 'portal' }).catch(() => {});
      process.done();
    });
    for (const [i, minutes] of [31, 33, 34, 35, 36, 37, 54, 56, 58, 60].entries()) worker(minutes, 9 + i);
    return void (await scheduler.run(scheduler.nowMs + 61 * MINUTE));
  }
  if (story === 'moved') {
    at(25, () => cloud.release('i-1'));
    for (const [i, minutes] of [30, 31, 32].entries()) worker(minutes, 9 + i);
    return void (await scheduler.run(scheduler.nowMs + 33 * MINUTE));
  }
  at(25, async () => {
    const { process, ports } = all.worker('owner');
    if (story === 'attached') await listsLate(all, ports);
    else await retired(all, ports);
    process.done();
  });
  if (story === 'retired') for (const [i, minutes] of [90, 92].entries()) worker(minutes, 9 + i);
  await scheduler.run(scheduler.nowMs + (story === 'retired' ? 93 : 29) * MINUTE);
}

async function crowded(all: Scene, at: (minutes: number, act: () => unknown) => void): Promise<void> {
  const { scheduler } = all.all;
  const portal = (minutes: number, act: (ports: RotationPorts) => Promise<unknown>) =>
    at(minutes, async () => {
      const { process, ports } = all.worker('portal');
      await act(ports).catch(() => {});
      process.done();
    });
  const asks = (ports: RotationPorts) => requestRotation(ports, all.identity, { caller: 'portal' });
  portal(5, asks);
  portal(7, async (ports) => {
    const rotation = (await recordOf(all)).rotations!.at(-1)!;
    await cancelRotation(ports, all.identity, rotation.id);
    all.cancelled.add(rotation.id);
  });
  for (let i = 5; i <= 14; i += 1) {
    at(i + 0.5, () => void all.rotates(`worker${i}`));
    if (i > 8) portal(i, asks);
  }
  await scheduler.run(scheduler.nowMs + 22 * MINUTE);
}

/** A machine that knows the first key and no other. */
async function listsLate(all: Scene, ports: RotationPorts): Promise<void> {
  const late = all.machines[2]!;
  const written = await setPolicy(ports, all.identity, {
    ...(await recordOf(all)).policy,
    hosts: [...((await recordOf(all)).policy?.hosts ?? []), late.host],
  }).catch(() => undefined);
  const kept = written?.versions.filter(
    ({ id }) => !written.outgoing?.pairs.some(({ versionId, keyGoing }) => versionId === id && keyGoing),
  );
  late.managed = kept?.some(({ publicKey }) => late.accepts(publicKey)) ?? false;
}

async function retired(all: Scene, ports: RotationPorts): Promise<void> {
  const done = await retire(ports, all.identity, 'portal').catch(() => undefined);
  if (done !== undefined) for (const machine of all.machines) Object.assign(machine, { managed: false, waived: true });
}

/** While the successor is being made: whoever is late then must not make it after all. */
const EARLY = 8;

/** What a story alone is about. */
const about: Partial<Record<Story, RegExp>> = { moved: /^store\./, crowded: /^store\.put$/ };
const isAbout = (story: Story, call: string): boolean => (about[story] ?? /^cloud\./).test(call);

/** Every fault of what changes the cloud, or what is stored where that is the story, in one story alone; or cancelled early and half-way. */
export async function* storyCases(name: string): AsyncGenerator<RotationCase> {
  if (name === 'cancelled') return yield* cancelledCases();
  const story = stories.find((one) => one === name);
  if (story === undefined) throw new TypeError(`a story is one of ${stories.join(', ')}, cancelled`);
  for (const provider of providerNames)
    for (const [who, made] of (await runRotation({ provider, story })).calls)
      for (const [i, call] of made.entries())
        for (const fault of everyFault)
          if (/^worker/.test(who) && isAbout(story, call) && changes.has(call) && fits(fault, call))
            yield { provider, story, fault: { who, at: i + 1, fault } };
}

async function* cancelledCases(): AsyncGenerator<RotationCase> {
  for (const provider of providerNames) {
    const steps = (await runRotation({ provider })).calls.get('worker1')!.length;
    for (let at = 1; at <= steps; at += 1) yield { provider, cancelledAt: at };
    for (const cancelledAt of [EARLY, Math.round(steps / 2)])
      for (const [who, made] of (await runRotation({ provider, cancelledAt })).calls)
        for (const [i, call] of made.entries())
          for (const fault of everyFault)
            if (/^worker/.test(who) && fits(fault, call))
              yield { provider, cancelledAt, fault: { who, at: i + 1, fault } };
  }
}

/**
 * Cancelled at every step; and every fault at every step of every worker of a rotation that goes well, of one that is
 * cancelled while its successor is made, and of one that is cancelled half-way.
 */
export async function* rotationCases(): AsyncGenerator<RotationCase> {
  for (const provider of providerNames) {
    const { calls } = await runRotation({ provider });
    const steps = calls.get('worker1')!.length;
    for (let at = 1; at <= steps; at += 1) yield { provider, cancelledAt: at };
    const half = Math.round(steps / 2);
    const told = [EARLY, half, undefined].map((cancelledAt) => (cancelledAt === undefined ? {} : { cancelledAt }));
    for (const more of [...told, ...stories.map((story) => ({ story }))]) {
      const base: RotationCase = { provider, ...more };
      // What comes before an instance plays a part is in the first story already.
      const from = 'story' in more ? 5 : 1;
      for (const [who, made] of (await runRotation(base)).calls) {
        if (!/^worker\d+$/.test(who) || (Number(who.slice('worker'.length)) < from && !/^worker0/.test(who))) continue;
        for (const [i, call] of made.entries()) {
          if (base.story === 'crowded' && !isAbout(base.story, call)) continue;
          for (const fault of everyFault) if (fits(fault, call)) yield { ...base, fault: { who, at: i + 1, fault } };
        }
      }
    }
  }
}
