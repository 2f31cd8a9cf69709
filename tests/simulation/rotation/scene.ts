// A key pair that is in use on some machines, and what is watched while it is rotated: after whatever was carried out
// anywhere, every machine that is keyvend's to look after accepts a key whose private half is stored (P6).
import { deadlineIn } from '../../../lib/clock.ts';
import { VendingError } from '../../../lib/errors.ts';
import { type Identity, identityKey } from '../../../lib/identity.ts';
import type { ProviderName } from '../../../lib/provider-table.ts';
import type { Fleet } from '../../../lib/providers/fleet.ts';
import { ownSecretOf } from '../../../lib/vending/own-secret.ts';
import type { KeyPairRecord } from '../../../lib/vending/record.ts';
import { advance } from '../../../lib/vending/rotation/advance.ts';
import { setPolicy } from '../../../lib/vending/rotation/rotation-commands.ts';
import type { RotationPorts, RotationSettings } from '../../../lib/vending/rotation/rotation-ports.ts';
import { sendDue } from '../../../lib/vending/rotation/send-due.ts';
import { successorName } from '../../../lib/vending/rotation/successor-name.ts';
import { vend } from '../../../lib/vending/vend.ts';
import { publicKeyOf } from '../../doubles/key-pairs.ts';
import { STRANGER } from '../../doubles/memory-cloud.ts';
import { memoryFleet } from '../../doubles/memory-fleet.ts';
import { random } from '../../doubles/random.ts';
import { none } from '../faults.ts';
import { otherStore } from '../other-stores.ts';
import { cloudErrors } from '../ports.ts';
import type { Process } from '../process.ts';
import { type World, world } from '../world.ts';
import { hostsAt, Machine } from './machines.ts';

const MINUTE_DAYS = 1 / (24 * 60);

export const defaults: RotationSettings['defaults'] = {
  maxAgeDays: 0,
  overlapDays: 20 * MINUTE_DAYS,
  hosts: [],
  coverage: 1,
  maxParallelHosts: 2,
  recordHostKeys: false,
  bounds: { minCoverage: 0.5 },
};

const settings: RotationSettings = {
  defaults,
  leaseMs: 960_000,
  graceMs: 60 * 60_000,
};

const MANAGEMENT = 'management';

const FOREIGN = [
  '# kept by hand',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHNvbWVib2R5IGVsc2Ugd2hvIGlzIG5vdCB1cw== other',
];

export interface Scene {
  readonly all: World;
  readonly identity: Identity;
  readonly request: object;
  readonly machines: readonly Machine[];
  /** The key pair that edits on the machines, where there is one. */
  readonly management: Management | undefined;
  /** Rotations of which somebody was told that they are cancelled. */
  readonly cancelled: Set<string>;
  /** Lines that somebody else wrote, by machine. */
  readonly foreign: Map<Machine, string[]>;
  /** Promises broken at a moment that nobody sees any more in the end. */
  readonly broken: Set<string>;
  worker(name: string): { readonly process: Process; readonly ports: RotationPorts };
  /** The schedule, and the workers it sends key pairs to. @returns when that is over; never, if it dies */
  rotates(name: string): { readonly process: Process; readonly work: Promise<void> };
}

interface Management {
  readonly identity: Identity;
  readonly publicKey: string;
  /** The machines that its own policy has ever listed: on others it may never be used. */
  readonly listed: Set<Machine>;
}

/**
 * @param count of machines that the key opens from the beginning
 * @param managed how many of them a management key may edit, as its own policy says; without one, the key edits by itself
 * @param mostVersions how many versions a secret keeps; of one more, the oldest is dropped
 * @param elsewhere whether the store is not like AWS's
 * @param keepsName whether the key pair's name is to lead to the key that counts; by chance, where it is not said
 */
export async function scene(
  seed: number,
  provider: ProviderName,
  count: number,
  coverage = 1,
  managed?: number,
  keepsName?: boolean,
  mostVersions?: number,
  elsewhere = false,
): Promise<Scene> {
  const all = world(seed, provider, none);
  const keeps = elsewhere ? otherStore(all, random(seed + 7), [5, 6, 10]) : mostVersions;
  if (mostVersions !== undefined) all.storeLimits.most = mostVersions;
  const rotation: RotationSettings = {
    ...settings,
    defaults: { ...settings.defaults, ...(keeps !== undefined && { mostVersions: keeps }) },
  };
  const { identity } = all.names[0];
  const request = provider === 'ens' ? {} : { tags: { team: 'platform' } };
  const machines = ['one', 'two', 'three', 'four'].map((name) => new Machine(name));
  const broken = new Set<string>();
  const foreign = new Map(machines.map((machine) => [machine, [...FOREIGN]]));
  let management: Management | undefined;

  function entered(machine: Machine, publicKey: string): 'own key' | 'management key' {
    if (publicKey !== management?.publicKey) return 'own key';
    if (!management.listed.has(machine))
      broken.add(`P7: the management key logged in on ${machine.host.host}, which its own policy does not list`);
    return 'management key';
  }

  function worker(name: string) {
    const { process, ports } = all.worker(name);
    const hosts = hostsAt(all.line, process, machines, entered);
    return { process, ports: { ...ports, rotation, hosts, fleetFor: async () => fleetAt(all, process) } };
  }
  function rotates(name: string) {
    const { process, ports } = worker(name);
    const told = (error: unknown) => {
      const { cause } = error as Error;
      all.told.push([error, cause].map((one) => `${String(one)} ${JSON.stringify(one)}`).join(' because of '));
      all.line.note(name, `fails: ${error instanceof VendingError ? error.code : String(error)}`);
      if (!(error instanceof VendingError)) broken.add(`P0: a defect: ${(error as Error).stack}`);
    };
    const until = deadlineIn(process, 290_000);
    const work = sendDue(ports, async (one) => void (await advance(ports, one, until, told)))
      .catch(told)
      .then(() => process.done());
    return { process, work };
  }

  const { process, ports } = worker('before');
  await during(all, async () => {
    await vend(ports, { identity, request, caller: 'before', deadline: deadlineIn(process, 28_000) });
    const listed = machines.slice(0, count).map(({ host }) => host);
    const policy = {
      ...{ hosts: listed, coverage },
      ...(all.random.chance(0.3) && { rebind: true }),
      ...((keepsName ?? all.random.chance(0.5)) && { keepName: true }),
    };
    await setPolicy(ports, identity, managed === undefined ? policy : { ...policy, managementKey: MANAGEMENT });
    if (managed === undefined) return;
    const other = { ...identity, name: MANAGEMENT };
    const deadline = deadlineIn(process, 28_000);
    await vend(ports, { identity: other, request, caller: 'another team', deadline });
    const { publicKey } = (await all.ledger.read(other))!.record.versions[0]!;
    management = { identity: other, publicKey, listed: new Set() };
    await lets(ports, management, machines.slice(0, managed));
    for (const machine of machines) {
      machine.forced = true;
      machine.appended(`${publicKey} management`);
      foreign.get(machine)!.unshift(`${publicKey} management`);
    }
  });
  process.done();
  const line = (await all.ledger.read(identity))!.record.versions[0]!.publicKey;
  for (const [i, machine] of machines.entries()) {
    machine.appended(FOREIGN[0]!);
    machine.appended(`no-pty ${line} deploy`);
    machine.appended(FOREIGN[1]!);
    machine.managed = i < count;
  }
  // Who puts a policy may have read the one before long ago: what is listed, the ledger says.
  const { write } = all.ledger;
  all.ledger.write = async (record, revision) => {
    const written = await write.call(all.ledger, record, revision);
    const isIt = written !== 'conflict' && record.identity.name === identity.name;
    const listed = record.policy?.hosts?.map(({ host }) => host) ?? [];
    if (isIt) for (const machine of machines) machine.managed &&= listed.includes(machine.host.host);
    if (isIt) standing = record;
    return written;
  };
  let standing: KeyPairRecord | undefined;
  all.line.acted.push((call) => {
    const stored = [...all.secrets.values()].flatMap(({ versions }) => [...versions.values()]);
    // A key that is being moved is in two places.
    const open = [...new Set(stored.filter(({ removed }) => !removed).map(({ key }) => publicKeyOf(key)))];
    const breaks = (what: string) => {
      if (!broken.has(what)) all.line.note('all', what);
      broken.add(what);
    };
    for (const machine of machines) {
      const { waived } = machine;
      const keys = machine.keysOf(open);
      // Where a host was waived, what was there stays: nobody looks after it.
      if (keys > 2 && !waived) breaks(`P6: ${machine.host.host} is opened by ${keys} keys`);
    }
    for (const { id, name, publicKey, madeBy, imported } of all.cloud.pairs) {
      if (madeBy === STRANGER || open.includes(publicKey)) continue;
      if (all.cloud.holdersOf(id).length > 0) breaks(`P2: an instance has ${id}, whose key is not stored`);
      // One that arrives when its attempt was given up is removed once more.
      const givenUp = [...all.ledger.everFiled({ ...identity, name }).values()].some(
        (attempt) => attempt.publicKey === publicKey && attempt.outcome !== 'made',
      );
      if (imported && !givenUp) breaks(`P2: the key of ${id}, which was imported, is not stored`);
    }
    const isMoved = call.startsWith('store.') || call === 'ledger.write';
    if (isMoved && standing !== undefined) for (const missing of misplaced(all, standing)) breaks(missing);
    for (const machine of machines) {
      if (!machine.managed || open.some((key) => machine.accepts(key))) continue;
      breaks(`P6: ${machine.host.host} accepts no key that is stored`);
    }
  });
  return {
    all,
    identity,
    request,
    machines,
    management,
    cancelled: new Set(),
    foreign,
    broken,
    worker,
    rotates,
  };
}

/** Pairs that are there, and whose keys are not where their record says. */
function misplaced({ cloud, secrets }: World, record: KeyPairRecord): string[] {
  return record.versions.flatMap(({ id, keyPairId, publicKey }) => {
    const pair = cloud.pairs.find((one) => one.id === keyPairId);
    if (pair === undefined || pair.publicKey !== publicKey) return [];
    const { state } = record.outgoing?.pairs.find(({ versionId }) => versionId === id)?.ownSecret ?? {};
    const isOwn = state === 'copied' || state === 'moved';
    const place = isOwn ? ownSecretOf(record.identity, id) : record.identity;
    const stored = secrets.get(identityKey(place))?.versions.get(id);
    return stored?.removed === false ? [] : [`P2: the key of ${keyPairId} is not stored where the record says`];
  });
}

/** The cloud's instances, as a process reaches them. */
const fleetAt = ({ line, cloud }: World, process: Process): Fleet =>
  memoryFleet(cloud, (action, act) =>
    line.send(process, {
      call: `cloud.${action}`,
      timeoutMs: 3_000,
      windowMs: 15 * 60_000,
      errors: cloudErrors(action === 'attach' || action === 'detach' || action === 'rename'),
      act: async () => act(),
    }),
  );

/** Has the management key's own policy list these machines. */
export async function lets(ports: RotationPorts, management: Management, machines: readonly Machine[]): Promise<void> {
  for (const machine of machines) management.listed.add(machine);
  await setPolicy(ports, management.identity, { hosts: machines.map(({ host }) => host) });
}

/** Every name that was ever given out, even where a rotation went on with another. */
export const successorsOf = ({ identity, successors = 0 }: KeyPairRecord): string[] =>
  Array.from({ length: successors }, (_, i) => successorName(identity, i + 2));

/** Whether only people can have the name lead to the key that counts: somebody else has it, or has deleted the pair that would get it. */
export const isTheirs = ({ all: { cloud }, identity }: Scene, { nameSlot, versions }: KeyPairRecord): boolean => {
  const { blocked, importing, renaming, held, work } = nameSlot ?? {};
  if (importing !== undefined || renaming !== undefined || held !== undefined || work?.lease !== undefined)
    return false;
  if (blocked?.code === 'NAME_TAKEN')
    return cloud.pairs.some(({ name, madeBy }) => name === identity.name && madeBy === STRANGER);
  return blocked?.code === 'KEY_PAIR_ABSENT' && cloud.pairs.every(({ id }) => id !== versions.at(-1)?.keyPairId);
};

/** Has time go on until some work is over. */
export async function during(all: World, act: () => Promise<unknown>): Promise<void> {
  let over = false;
  const work = act().finally(() => {
    over = true;
  });
  await all.scheduler.run(Number.POSITIVE_INFINITY, () => over);
  await work;
}
