// A rotation as the seed makes it: some who ask for it, cancel it or change what it is about, machines that are off for
// a while, and faults in all of that. The same seed gives the same run.
import { deadlineIn } from '../../../lib/clock.ts';
import { providerNames } from '../../../lib/provider-table.ts';
import type { Version } from '../../../lib/vending/attempt.ts';
import { restore, retire } from '../../../lib/vending/retire.ts';
import { advanceTo } from '../../../lib/vending/rotation/advance.ts';
import { changeRecord } from '../../../lib/vending/rotation/change-record.ts';
import { hostName } from '../../../lib/vending/rotation/policy.ts';
import { requestRelease } from '../../../lib/vending/rotation/release.ts';
import { requestRotation, setPolicy, waiveHost } from '../../../lib/vending/rotation/rotation-commands.ts';
import { isOver } from '../../../lib/vending/rotation/rotation-record.ts';
import { withoutHosts } from '../../../lib/vending/rotation/without-hosts.ts';
import { vend } from '../../../lib/vending/vend.ts';
import { STRANGER } from '../../doubles/memory-cloud.ts';
import { idAt } from '../../doubles/pair-mark.ts';
import { type Random, random } from '../../doubles/random.ts';
import { byChance, none, rotationCalls } from '../faults.ts';
import type { Kind } from '../run.ts';
import { secretsGoLate } from '../secrets-late.ts';
import { strangerComes } from '../stranger.ts';
import { acts, asks, at, cancels, type WorkerPorts } from './actors.ts';
import { crowdedStore, hurried } from './crowded-store.ts';
import type { Machine } from './machines.ts';
import { finished, quiet, type RotationRun, recordOf, recovers } from './quiet.ts';
import { type Scene, scene } from './scene.ts';

const MINUTE = 60_000;

export async function randomRotation(
  seed: number,
  { elsewhere = false, importing = false }: Omit<Kind, 'windows'> = {},
): Promise<RotationRun> {
  if (elsewhere && seed % 2 === 1) return crowdedStore(seed);
  const chance = random(seed ^ 0x07a7e);
  const provider = chance.pick(providerNames);
  const count = chance.pick(elsewhere ? [0, 0, 0, 1, 3] : [0, 1, 2, 3, 3]);
  // One run in four is about hosts that come and go beside what instances keep, and one about taking keys out of use; about little else.
  const topic = (['hosts', undefined, 'retiring', undefined] as const)[seed % 4];
  const focused = topic === 'hosts';
  const coverage = chance.pick(focused ? [1, 0.5] : [1, 1, 0.5, 0.0001]); // the last one is kept to a half
  const managed = chance.chance(0.3) ? chance.below(count + 1) : undefined;
  const rarely = (probability: number): boolean => chance.chance(probability) && topic === undefined;
  // A store that keeps few versions, in a part of the runs, which else are what they are without it.
  const few = focused ? undefined : random(seed ^ 0x0fe3).pick([undefined, undefined, undefined, undefined, 3, 4]);
  const all = await scene(seed, provider, count, coverage, managed, undefined, elsewhere ? undefined : few, elsewhere);
  if (importing) Object.assign(all.all.unusual, { keySource: 'import' });
  const { cloud, line } = all.all;
  line.plan = byChance(random(seed + 1), rotationCalls);
  if (chance.chance(0.25)) oneGoesAstray(line, chance);
  cloud.lagMs = chance.pick([0, 0, 5_000, 25_000]);
  // Minutes, or days: then a worker comes every few hours.
  const scale = chance.pick([1, 1, 1, 60]);
  const horizonMs = 90 * MINUTE * scale;
  const later = () => chance.below(horizonMs);
  if (provider === 'ecs') cloud.nameHeldMs = chance.pick([0, 60 * MINUTE]);
  cloud.letsGo = provider === 'ens' && chance.chance(0.5);
  cloud.bindingLagMs = chance.pick([0, 3 * MINUTE]);
  if (rarely(0.15)) {
    const { region, name } = all.identity;
    cloud.create({ region, name: `${name}_r2` }, STRANGER);
  }
  for (let i = focused ? 3 : 1 + chance.below(3); i > 0; i -= 1) asks(all, i === 1 ? 0 : later(), `asks${i}`);
  if (elsewhere) hurried(all, random(seed ^ 0x0d1e), [60_000, 200_000, Math.floor(horizonMs / 13)]);
  if (few !== undefined || elsewhere) crowded(all, random(seed ^ 0x0c20), later);
  if (rarely(0.4)) cancels(all, chance.pick([50, 500, 5_000, later()]), 'cancels');
  const retiresAt = topic === 'retiring' ? Math.floor(later() / 3) : later();
  // About when what was retired is purged: an hour later.
  const vendsAt = topic === 'retiring' ? [61, 70, 90].map((minutes) => retiresAt + minutes * MINUTE) : [];
  const vends = (ms: number, who: string) =>
    acts(all, ms, who, (ports) =>
      vend(ports, {
        identity: all.identity,
        request: all.request,
        caller: 'portal',
        deadline: deadlineIn(ports.clock, 28_000),
      }),
    );
  for (const [i, ms] of (rarely(0.3) ? [later()] : vendsAt).entries()) vends(ms, `vends${i}`);
  const anew = random(seed + 6);
  // And while what was there before may still be deleted.
  secretsGoLate(all.all, anew, () => topic === 'retiring' && vends(anew.pick([2_000, 15_000]), 'vends anew'));
  if (rarely(0.2)) {
    const when = chance.chance(0.5)
      ? later()
      : chance.pick(['cloud.find', 'cloud.create', 'ledger.write', 'store.remove']);
    strangerComes(all.all, all.all.names[0], chance.pick(['deletes', 'replaces'] as const), when);
  }
  if (rarely(0.2)) strangerComes(all.all, all.all.names[0], 'makes', later());
  if (rarely(0.3)) acts(all, later(), 'names', (ports) => nameKept(all, ports, chance));
  if (!elsewhere && rarely(0.2)) drivenByAws(all, chance, later());
  if (chance.chance(0.5)) somebodyWrites(all, chance);
  for (let i = chance.pick(focused ? [1, 2] : [0, 0, 1]); i > 0; i -= 1)
    downFor(all, chance, later(), chance.pick([2, 30, 120]) * MINUTE);
  if (chance.chance(0.25) && topic !== 'retiring') forbiddenFrom(all, chance, chance.pick([0, later()]));
  for (let i = chance.pick(focused ? [6, 9, 12] : [0, 0, 1, 2, 4]); i > 0; i -= 1)
    acts(all, later(), `policy${i}`, (ports) => listed(all, ports, chance));
  if (chance.chance(0.2)) acts(all, later(), 'overlap', (ports) => overlapSet(all, ports, chance));
  if (chance.chance(0.3)) acts(all, later(), 'releases', (ports) => released(all, ports));
  for (let i = chance.pick(topic ? [1, 2] : [0, 0, 1, 1, 2]); i > 0; i -= 1)
    instance(all, chance, `i-${i}`, later(), later());
  if (focused && count > 1) listedAnew(all, chance);
  const waives = count === 0 ? 0 : focused ? chance.below(3) : Number(chance.chance(0.15));
  for (let i = waives; i > 0; i -= 1) acts(all, later(), `waives${i}`, (ports) => waived(all, ports, chance));
  if (topic === 'retiring' && random(seed + 3).chance(0.8))
    at(all, retiresAt, async () => {
      const standing = (await recordOf(all)).versions.at(-1);
      if (standing !== undefined) cloud.attach(idAt(cloud, standing), 'i-kept');
    });
  if (topic === 'retiring' || rarely(0.15))
    acts(all, retiresAt, 'retires', (ports) => {
      // Taking a key out of use is meant to lock its machines: from here on nothing is promised of them.
      for (const machine of all.machines) Object.assign(machine, { managed: false, waived: true });
      return retire(ports, all.identity, 'portal');
    });
  for (let i = topic === 'retiring' ? chance.below(4) : Number(chance.chance(0.1)); i > 0; i -= 1)
    acts(all, later(), `restores${i}`, (ports) => restore(ports, all.identity));
  if (topic === 'retiring') changesTheirMind(all, random(seed + 4));
  for (let ms = 0, i = 1; ms < horizonMs; ms += scale * (MINUTE + chance.below(5 * MINUTE)), i += 1)
    at(all, ms, () => void all.rotates(`worker${i}`));
  for (let i = chance.below(6); i > 0; i -= 1) at(all, later(), () => recovers(all, `recovery${i}`));
  const room = random(seed + 2);
  for (let i = room.pick([0, 1, 3, 6]); i > 0; i -= 1)
    acts(all, room.below(horizonMs), `forgets${i}`, (ports) => forgotten(all, ports));

  await all.all.scheduler.run(all.all.scheduler.nowMs + horizonMs);
  await quiet(all, chance.chance(0.5));
  return finished(all, {
    title: `rotation seed ${seed}, ${provider}`,
    again: `--rotation${elsewhere ? ' --stores' : ''}${importing ? ' --import' : ''} --runs 1 --seed ${seed}`,
  });
}

/** One call that changes what has a name is late, or its answer is lost: what is asked for after it must not meet it. */
function oneGoesAstray(line: Scene['all']['line'], chance: Random): void {
  const { plan } = line;
  const astray = chance.pick(['cloud.remove', 'cloud.remove', 'cloud.import', 'cloud.rename']);
  const lateMs = chance.pick([110_000, 260_000, 860_000]);
  const fault = chance.pick([
    { kind: 'late', byMs: lateMs },
    { kind: 'late', byMs: lateMs },
    { kind: 'answer lost' },
  ] as const);
  let before = chance.below(3);
  line.plan = {
    at(who, step, call) {
      if (call === astray) before -= 1;
      return call === astray && before === -1 ? fault : plan.at(who, step, call);
    },
  };
}

/** Whoever retired it restores it while a delete is on its way, which in two runs of three is late. */
function changesTheirMind(all: Scene, chance: Random): void {
  const { line } = all.all;
  const plan = chance.chance(0.5) ? line.plan : none;
  const lateMs = chance.pick([undefined, 110_000, 260_000]);
  const late = lateMs === undefined ? undefined : ({ kind: 'late', byMs: lateMs } as const);
  let [restores, delays] = [chance.pick([0, 1, 2]), 2];
  line.plan = {
    at(who, step, call) {
      if (call !== 'cloud.remove' || late === undefined || delays === 0) return plan.at(who, step, call);
      delays -= 1;
      return late;
    },
  };
  line.signed.push((call) => {
    if (call !== 'cloud.remove' || restores === 0) return;
    restores -= 1;
    const inMs = chance.pick([5_000, 30_000, 60_000]);
    acts(all, inMs, `restores late${restores}`, (ports) => restore(ports, all.identity));
  });
}

/** More rotations, some of them cancelled, and instances that keep what they replace. */
function crowded(all: Scene, chance: Random, later: () => number): void {
  for (let i = 1 + chance.below(2); i > 0; i -= 1) {
    asks(all, later(), `asks more${i}`);
    instance(all, chance, `i-more${i}`, later(), later());
    if (chance.chance(0.3)) cancels(all, later(), `cancels more${i}`);
  }
}

/** An instance that is launched with the pair that counts, starts again now and then, and is released some time. */
function instance(all: Scene, chance: Random, name: string, fromMs: number, forMs: number): void {
  const { cloud } = all.all;
  const machine = chance.pick(all.machines);
  const early = chance.chance(0.3);
  const byName = chance.chance(0.5);
  // A key that never counted is looked for only where a rotation has put it.
  const writes = !early && chance.chance(0.7);
  let pairId: string | undefined;
  const boots = () => {
    const pair = cloud.pairs.find(({ id }) => id === pairId);
    if (writes && pair !== undefined && machine.managed && cloud.holdersOf(pair.id).some(({ id }) => id === name)) {
      machine.boots(pair.publicKey);
      all.all.line.note(name, `${machine.host.host} starts`);
    }
  };
  at(all, fromMs, async () => {
    const { versions, rotations = [] } = await recordOf(all);
    // Or with the one that a rotation is only about to bring in.
    const coming = early ? rotations.at(-1)?.successor?.keyPairId : undefined;
    const wanted = coming ?? versions.at(-1)?.keyPairId;
    if (wanted === undefined) return; // nobody was told that there is one
    // By the name, as templates do, or by what a rotation made.
    const named = cloud.pairs.find(({ name, madeBy }) => name === all.identity.name && madeBy !== STRANGER);
    const pair = (byName ? named : undefined) ?? cloud.pairs.find(({ id }) => id === wanted);
    if (pair === undefined) return;
    pairId = pair.id;
    cloud.attach(pair.id, name);
    all.all.line.note(name, `has ${pair.name} ${pair.id}`);
  });
  for (let i = 1; i <= 3; i += 1) at(all, fromMs + chance.below(forMs + 1), boots);
  if (chance.chance(0.5)) at(all, fromMs + forMs, () => cloud.release(name));
}

/** Somebody confirms that what lingers is detached. */
async function released(all: Scene, ports: WorkerPorts): Promise<void> {
  const pair = (await recordOf(all)).outgoing?.pairs.find(({ held }) => held !== undefined);
  if (pair === undefined) return;
  const { instances = [] } = pair.held!;
  await requestRelease(ports, all.identity, pair.versionId, { instances, caller: 'portal' });
}

async function nameKept(all: Scene, ports: WorkerPorts, chance: Random): Promise<void> {
  const { policy } = await recordOf(all);
  await setPolicy(ports, all.identity, { ...policy, keepName: chance.chance(0.7) });
}

async function overlapSet(all: Scene, ports: WorkerPorts, chance: Random): Promise<void> {
  const { policy } = await recordOf(all);
  await setPolicy(ports, all.identity, { ...policy, overlapDays: chance.pick([0.006, 0.02, 0.2]) });
}

/**
 * One host more, which knows any key that is stored, perhaps one of long ago; or one less. What is not listed is not looked after
 * any more.
 */
async function listed(all: Scene, ports: WorkerPorts, chance: Random): Promise<void> {
  const { machines, identity } = all;
  const standing = (await recordOf(all)).policy?.hosts ?? [];
  const next = machines.find((one) => !standing.some(({ host }) => host === one.host.host));
  if (chance.chance(0.7) && next !== undefined) {
    const { versions } = await recordOf(all);
    const known = chance.chance(0.4) ? versions.at(-1) : chance.pick([...versions, undefined]);
    if (known !== undefined) await lists(all, ports, next, [known]);
  } else {
    const gone = machines.find(({ host }) => host.host === standing.at(-1)?.host);
    if (gone !== undefined) gone.managed = false;
    await setPolicy(ports, identity, { ...(await recordOf(all)).policy, hosts: standing.slice(0, -1) });
  }
}

/** Whoever lists a machine has not had it looked after until now: it knows these keys, two at most, and no other. */
async function lists(all: Scene, ports: WorkerPorts, machine: Machine, known: readonly Version[]): Promise<void> {
  machine.text = machine.text.replace(/^no-pty .*$\n/gm, '');
  for (const { publicKey } of known) machine.appended(`no-pty ${publicKey} deploy`);
  const { policy } = await recordOf(all);
  const hosts = [...(policy?.hosts ?? []), machine.host];
  const written = await setPolicy(ports, all.identity, { ...policy, hosts });
  const going = written.outgoing?.pairs.filter(({ keyGoing }) => keyGoing).map(({ versionId }) => versionId) ?? [];
  const kept = written.versions.filter(({ id }) => !going.includes(id));
  // Whoever lists it is told by which keys it is caught up. A line of a key that is going opens nothing, and only they know of it.
  for (const { publicKey } of written.versions.filter(({ id }) => going.includes(id)))
    machine.text = machine.text.replace(`no-pty ${publicKey} deploy\n`, '');
  const isListed = (await recordOf(all)).policy?.hosts?.some(({ host }) => host === machine.host.host) ?? false;
  machine.managed = isListed && !machine.waived && kept.some(({ publicKey }) => machine.accepts(publicKey));
}

/** As an old pair goes one machine is off, so its key has to wait; and another is taken off the list, and listed again with that key. */
function listedAnew(all: Scene, chance: Random): void {
  const { line } = all.all;
  let left = 2;
  line.signed.push((call) => {
    if (call !== 'cloud.remove' || left === 0) return;
    left -= 1;
    const [off, anew] = chance.chance(0.5) ? [0, 1] : [1, 0];
    const down = all.machines[off]!;
    down.up = false;
    at(all, 120 * MINUTE, () => {
      down.up = true;
    });
    acts(all, chance.pick([10, 30, 60]) * MINUTE, 'lists anew', async (ports) => {
      const { policy, versions, rotations = [] } = await recordOf(all);
      const machine = all.machines[anew]!;
      const others = (policy?.hosts ?? []).filter(({ host }) => host !== machine.host.host);
      const [known, also] = [chance.pick(versions), chance.pick([...versions, undefined, undefined])];
      if (others.length === policy?.hosts?.length || machine.waived) return;
      machine.managed = false;
      const waives = chance.chance(0.4) ? chance.pick(rotations) : undefined;
      if (waives !== undefined) await waiveHost(ports, all.identity, waives.id, hostName(machine.host)).catch(() => {});
      await setPolicy(ports, all.identity, { ...policy, hosts: others });
      await lists(all, ports, machine, [known, ...(also === known || also === undefined ? [] : [also])]);
    });
  });
}

/** As where a record has no room for what is known of hosts that are listed no more. */
const forgotten = ({ identity }: Scene, ports: WorkerPorts) =>
  changeRecord(ports, identity, (record) => {
    const listed = new Set(record.policy?.hosts?.map(hostName));
    return withoutHosts(record, (name) => !listed.has(name), { edits: true });
  });

async function waived(all: Scene, ports: WorkerPorts, chance: Random): Promise<void> {
  const record = await recordOf(all);
  const rotation = chance.pick(record.rotations?.filter((one) => !isOver(one)) ?? []);
  const host = chance.pick(record.policy?.hosts ?? [undefined]);
  if (rotation === undefined || host === undefined) return;
  const machine = all.machines.find((one) => one.host.host === host.host);
  if (machine !== undefined) Object.assign(machine, { managed: false, waived: true });
  await waiveHost(ports, all.identity, rotation.id, hostName(host));
}

/** A rotation schedule of AWS's: the four steps, again from the first after each failure, with one id for all tries. */
function drivenByAws(all: Scene, chance: Random, fromMs: number): void {
  const id = all.all.random.uuid();
  let promoted = false;
  for (let i = 1, ms = fromMs; i <= 8; i += 1, ms += chance.below(10 * MINUTE)) {
    acts(all, ms, `aws${i}`, async (ports) => {
      if (promoted) return;
      const command = { caller: 'aws', id, driver: 'secrets-manager' } as const;
      if ((await requestRotation(ports, all.identity, command)).id !== id) return;
      for (const state of ['staged', 'rolled-out', 'proven', 'promoted'] as const)
        await advanceTo(ports, all.identity, id, state, deadlineIn(ports.clock, 290_000));
      promoted = true;
    });
  }
}

/** Whoever else edits a machine's file: at some time, and at the moment before ours arrives. */
function somebodyWrites(all: Scene, chance: Random): void {
  const { line } = all.all;
  const machine = chance.pick(all.machines);
  let left = 3;
  const write = () => {
    if (left === 0) return;
    const text = `# line ${left} of somebody else`;
    left -= 1;
    machine.appended(text);
    all.foreign.get(machine)!.push(text);
  };
  at(all, chance.below(MINUTE), write);
  line.signed.push((call) => {
    if (call === 'host.replace' && chance.chance(0.3)) write();
  });
}

/** The operator's rules change, or a name leads elsewhere; until somebody sees to it. */
function forbiddenFrom(all: Scene, chance: Random, fromMs: number): void {
  const machine = chance.pick(all.machines);
  at(all, fromMs, () => {
    machine.forbidden = true;
  });
}

function downFor(all: Scene, chance: Random, fromMs: number, forMs: number): void {
  const machine = chance.pick(all.machines);
  at(all, fromMs, () => {
    machine.up = false;
  });
  at(all, fromMs + forMs, () => {
    machine.up = true;
  });
}
