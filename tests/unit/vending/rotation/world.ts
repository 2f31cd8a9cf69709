// The world of vending, with a key pair in it that is rotated without hosts unless a test brings some.

import { DAY_MS, type Deadline, deadlineIn } from '../../../../lib/clock.ts';
import type { Hosts } from '../../../../lib/hosts/hosts.ts';
import type { Identity } from '../../../../lib/identity.ts';
import { type ProviderName, rowOf } from '../../../../lib/provider-table.ts';
import type { Instance, Reference } from '../../../../lib/providers/fleet.ts';
import type { KeyPairRecord } from '../../../../lib/vending/record.ts';
import { advance } from '../../../../lib/vending/rotation/advance.ts';
import type { Policy } from '../../../../lib/vending/rotation/policy.ts';
import { requestRotation } from '../../../../lib/vending/rotation/rotation-commands.ts';
import type { RotationPorts } from '../../../../lib/vending/rotation/rotation-ports.ts';
import type { Rotation } from '../../../../lib/vending/rotation/rotation-record.ts';
import { vend } from '../../../../lib/vending/vend.ts';
import type { VendCommand } from '../../../../lib/vending/vend-command.ts';
import type { Script } from '../../../doubles/dies-after.ts';
import { memoryFleet } from '../../../doubles/memory-fleet.ts';
import { rotationDefaults } from '../../../doubles/rotation-defaults.ts';
import { world } from '../world.ts';

const nobody: Hosts = {
  async login() {
    throw new TypeError('no host is asked here');
  },
};

/** @param asked what it is vended with besides that */
export async function rotated(
  provider: ProviderName,
  name?: string,
  over: Partial<Policy> = {},
  asked: Partial<Pick<VendCommand, 'request' | 'usualSecretKey'>> = {},
) {
  const here = world(provider, over.maxAgeDays === undefined ? {} : { maxAgeMs: over.maxAgeDays * DAY_MS });
  const { clock, ledger } = here;
  here.storeLimits.traits = new Map();
  const identity: Identity = { ...here.identity, ...(name === undefined ? {} : { name }) };
  const project = rowOf(provider).fields.projectId === 'required' ? { projectId: 0 } : {};
  const rotation = { defaults: { ...rotationDefaults, ...over }, leaseMs: 960_000, graceMs: 30 * DAY_MS };
  const references = new Map<string, readonly Reference[]>();
  const machines: Instance[] = [];
  const fleet = memoryFleet(here.cloud, undefined, references, machines);
  const worker = (script: Script = {}, hosts = nobody): RotationPorts => ({
    ...here.worker(script),
    hosts,
    rotation,
    fleetFor: async () => fleet,
  });
  const ports = worker();
  const soon = (): Deadline => deadlineIn(clock, 280_000);
  const failures: unknown[] = [];
  const recordOf = async (at = identity): Promise<KeyPairRecord> => (await ledger.read(at))!.record;
  const order = { identity, caller: 'test', ...asked, request: { ...project, ...asked.request } };
  await vend(ports, { ...order, deadline: soon() });

  return {
    ...here,
    identity,
    ports,
    worker,
    soon,
    failures,
    recordOf,
    references,
    machines,
    vend: () => vend(ports, { ...order, deadline: soon() }),
    rotate: () => requestRotation(ports, identity, { caller: 'test' }),
    rotation: async (): Promise<Rotation> => (await recordOf()).rotations!.at(-1)!,
    work: (by = ports) => advance(by, identity, soon(), (error) => void failures.push(error)),
    workOn: (at: Identity) => advance(ports, at, soon(), (error) => void failures.push(error)),
    /** Attaches the pair that counts to an instance. */
    async attach(instance: string): Promise<void> {
      here.cloud.attach((await recordOf()).versions.at(-1)!.keyPairId!, instance);
    },
    /** That many days go by. A worker comes four times a day, and once more a minute later. */
    async days(count: number, by = ports) {
      for (let i = 0; i < 4 * count; i += 1) {
        clock.advance(DAY_MS / 4);
        for (let again = 0; again < 2; again += 1) {
          await advance(by, identity, soon(), (error) => void failures.push(error));
          clock.advance(60_000);
        }
      }
    },
  };
}
