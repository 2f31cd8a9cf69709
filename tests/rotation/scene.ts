// A key pair that opens accounts behind real sshds. Its cloud, its secrets and its ledger are in memory, and so is the
// clock of whoever rotates it: no test waits for an overlap to pass.
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY_MS, deadlineIn } from '../../lib/clock.ts';
import type { Host } from '../../lib/hosts/hosts.ts';
import { sshHosts } from '../../lib/hosts/ssh.ts';
import type { ProviderName } from '../../lib/provider-table.ts';
import type { KeyPairRecord } from '../../lib/vending/record.ts';
import { advance } from '../../lib/vending/rotation/advance.ts';
import type { PolicyChange } from '../../lib/vending/rotation/policy.ts';
import { requestRotation, setPolicy } from '../../lib/vending/rotation/rotation-commands.ts';
import type { RotationPorts } from '../../lib/vending/rotation/rotation-ports.ts';
import type { Rotation } from '../../lib/vending/rotation/rotation-record.ts';
import { vend } from '../../lib/vending/vend.ts';
import { type Account, type Sshd, startSshd } from '../../local/sshd.ts';
import type { Script } from '../doubles/dies-after.ts';
import { memoryFleet } from '../doubles/memory-fleet.ts';
import { rotationDefaults } from '../doubles/rotation-defaults.ts';
import { thisMachine } from '../hosts/rules.ts';
import { world } from '../unit/vending/world.ts';

export const OVERLAP_DAYS = 7;

const rotation: RotationPorts['rotation'] = {
  defaults: { ...rotationDefaults, overlapDays: OVERLAP_DAYS },
  leaseMs: 960_000,
  graceMs: 30 * DAY_MS,
};

export type RotationScene = Awaited<ReturnType<typeof rotationScene>>;

/** @param accounts one sshd for each; by default those of whoever runs this */
export async function rotationScene(accounts: readonly (Account | undefined)[], provider: ProviderName = 'ecs') {
  const here = world(provider);
  const { clock, identity, ledger, store } = here;
  const folder = await mkdtemp(join(tmpdir(), 'keyvend-rotation-'));
  const servers = await Promise.all(
    accounts.map((account) => startSshd(account === undefined ? {} : { accounts: [account] })),
  );
  const hosts = servers.map(hostOf);
  const request = provider === 'ens' ? {} : { tags: { team: 'platform' } };

  const worker = (script: Script = {}): RotationPorts => ({
    ...here.worker(script),
    hosts: sshHosts({ clock, rules: thisMachine }),
    rotation,
    fleetFor: async () => memoryFleet(here.cloud),
  });
  const ports = worker();
  await vend(ports, { identity, request, caller: 'test', deadline: deadlineIn(clock, 28_000) });
  const recordNow = async (): Promise<KeyPairRecord> => (await ledger.read(identity))!.record;
  const first = (await recordNow()).versions[0]!;
  const failures: unknown[] = [];

  return {
    ...here,
    request,
    servers,
    hosts,
    /** The line that let the first key in. */
    first: first.publicKey,
    failures,
    record: recordNow,
    ports,
    worker,
    policy: (policy: PolicyChange) => setPolicy(ports, identity, { hosts, ...policy }),
    rotate: () => requestRotation(ports, identity, { caller: 'test' }),
    rotation: async (at = -1): Promise<Rotation> => (await recordNow()).rotations!.at(at)!,
    /** A worker comes by. */
    work: async (by: RotationPorts = ports) => {
      await advance(by, identity, deadlineIn(clock, 280_000), (error) => void failures.push(error));
    },
    /** Whether the real `ssh` gets in with the key of a version, by its private half as a reader gets it. */
    async logsIn(server: Sshd, versionId: string): Promise<boolean> {
      const key = await store.reveal(identity, versionId);
      if (key === undefined) return false;
      const file = join(folder, `key-${randomUUID()}`);
      await writeFile(file, key.reveal(), { mode: 0o600 });
      const options = [
        'BatchMode=yes',
        'IdentitiesOnly=yes',
        'StrictHostKeyChecking=no',
        'UserKnownHostsFile=/dev/null',
      ];
      const { status, stdout } = spawnSync(
        'ssh',
        [
          '-F',
          'none',
          '-i',
          file,
          '-p',
          String(server.port),
          ...options.flatMap((o) => ['-o', o]),
          `${server.user}@${server.host}`,
          'echo in',
        ],
        { encoding: 'utf8' },
      );
      await rm(file);
      return status === 0 && stdout === 'in\n';
    },
    linesOf: async (server: Sshd) =>
      (await readFile(server.keysFile(), 'latin1')).split('\n').filter((line) => line !== ''),
    async close() {
      await Promise.all(servers.map((server) => server.remove()));
      await rm(folder, { recursive: true });
    },
  };
}

const hostOf = ({ host, port, user, hostKeys }: Sshd): Host => ({
  host,
  port,
  user,
  hostKeys: [hostKeys.fingerprints[0]!],
});
