// A key pair that is in use on some machines, and what is watched while it is rotated: after whatever was carried out
// anywhere, every machine that is keyvend's to look after accepts a key whose private half is stored (P6).
import { deadlineIn } from '../../../lib/clock.ts';
import { VendingError } from '../../../lib/errors.ts';
import type { Identity } from '../../../lib/identity.ts';
import type { ProviderName } from '../../../lib/provider-table.ts';
import type { KeyPairRecord } from '../../../lib/vending/record.ts';
import { advance } from '../../../lib/vending/rotation/advance.ts';
import { setPolicy } from '../../../lib/vending/rotation/rotation-commands.ts';
import type { RotationPorts, RotationSettings } from '../../../lib/vending/rotation/rotation-ports.ts';
import { sendDue } from '../../../lib/vending/rotation/send-due.ts';
import { successorName } from '../../../lib/vending/rotation/successor-name.ts';
import { vend } from '../../../lib/vending/vend.ts';
import { publicKeyOf } from '../../doubles/key-pairs.ts';
import { none } from '../faults.ts';
import type { Process } from '../process.ts';
import { type World, world } from '../world.ts';
import { hostsAt, Machine } from './machines.ts';

const MINUTE_DAYS = 1 / (24 * 60);

const settings: RotationSettings = {
  defaults: {
    maxAgeDays: 0,
    overlapDays: 20 * MINUTE_DAYS,
    hosts: [],
    coverage: 1,
    maxParallelHosts: 2,
    recordHostKeys: false,
  },
  leaseMs: 960_000,
  graceMs: 60 * 60_000,
};

const FOREIGN = [
  '# kept by hand',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHNvbWVib2R5IGVsc2Ugd2hvIGlzIG5vdCB1cw== other',
];

export interface Scene {
  readonly all: World;
  readonly identity: Identity;
  readonly request: object;
  readonly machines: readonly Machine[];
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

/** @param count of machines that the key opens from the beginning */
export async function scene(seed: number, provider: ProviderName, count: number, coverage = 1): Promise<Scene> {
  const all = world(seed, provider, none);
  const { identity } = all.names[0];
  const request = provider === 'ens' ? {} : { tags: { team: 'platform' } };
  const machines = ['one', 'two', 'three', 'four'].map((name) => new Machine(name));
  const broken = new Set<string>();
  const foreign = new Map(machines.map((machine) => [machine, [...FOREIGN]]));

  function worker(name: string) {
    const { process, ports } = all.worker(name);
    return { process, ports: { ...ports, rotation: settings, hosts: hostsAt(all.line, process, machines) } };
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
    await setPolicy(ports, identity, { hosts: listed, coverage });
  });
  process.done();
  const line = (await all.ledger.read(identity))!.record.versions[0]!.publicKey;
  for (const [i, machine] of machines.entries()) {
    machine.appended(FOREIGN[0]!);
    machine.appended(`no-pty ${line} deploy`);
    machine.appended(FOREIGN[1]!);
    machine.managed = i < count;
  }
  all.line.acted.push(() => {
    const stored = [...all.secrets.values()].flatMap(({ versions }) => [...versions.values()]);
    const open = stored.filter(({ removed }) => !removed).map(({ key }) => publicKeyOf(key));
    for (const machine of machines) {
      if (!machine.managed || open.some((key) => machine.accepts(key))) continue;
      const what = `P6: ${machine.host.host} accepts no key that is stored`;
      if (!broken.has(what)) all.line.note('all', what);
      broken.add(what);
    }
  });
  return { all, identity, request, machines, cancelled: new Set(), foreign, broken, worker, rotates };
}

/** Every name that was ever given out, even where a rotation went on with another. */
export const successorsOf = ({ identity, successors = 0 }: KeyPairRecord): string[] =>
  Array.from({ length: successors }, (_, i) => successorName(identity, i + 2));

/** Has time go on until some work is over. */
export async function during(all: World, act: () => Promise<unknown>): Promise<void> {
  let over = false;
  const work = act().finally(() => {
    over = true;
  });
  await all.scheduler.run(Number.POSITIVE_INFINITY, () => over);
  await work;
}
