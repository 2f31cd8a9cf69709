// The real parts, wired by hand with one virtual clock: local clouds over HTTP, the adapters of ECS over the real transport, the SQLite
// ledger, the embedded store, and SSH. Nothing here waits: whoever drives the year moves the clock.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DAY_MS } from '../../lib/clock.ts';
import { VendingError } from '../../lib/errors.ts';
import type { Hosts } from '../../lib/hosts/hosts.ts';
import { sshHosts } from '../../lib/hosts/ssh.ts';
import type { Identity, Place } from '../../lib/identity.ts';
import { sqliteLedger } from '../../lib/ledger/sqlite/sqlite-ledger.ts';
import { connect } from '../../lib/providers/ecs/connect.ts';
import { connectFleet } from '../../lib/providers/ecs/connect-fleet.ts';
import type { Fleet } from '../../lib/providers/fleet.ts';
import { embeddedStore } from '../../lib/secrets/embedded/embedded-store.ts';
import { generateKey } from '../../lib/ssh/generate-key.ts';
import { createTransport } from '../../lib/transport/transport.ts';
import type { Transport } from '../../lib/transport/wire.ts';
import { AccountPins } from '../../lib/vending/account-pin.ts';
import type { Attempt } from '../../lib/vending/attempt.ts';
import { Deployment } from '../../lib/vending/deployment.ts';
import type { Notice } from '../../lib/vending/notice.ts';
import type { KeyPairRecord } from '../../lib/vending/record.ts';
import type { RotationPorts } from '../../lib/vending/rotation/rotation-ports.ts';
import { startClouds } from '../../local/clouds/clouds.ts';
import { rotationDefaults } from '../../tests/doubles/rotation-defaults.ts';
import type { TestClock } from '../../tests/doubles/test-clock.ts';
import { thisMachine } from '../../tests/hosts/rules.ts';
import { settings as asDeployed } from '../../tests/simulation/world.ts';

export const REGION = 'cn-hangzhou';
export const PLACE: Place = { provider: 'ecs', account: 'default', region: REGION };
export const MAX_AGE_DAYS = 30;
const OVERLAP_DAYS = 7;
/** A pair counts as bound for so long after its instance was released. */
const BINDING_LAG_MS = 30 * 60_000;

const deployment = 'year';
const settings = { ...asDeployed, deployment };

export interface Stack {
  readonly clock: TestClock;
  readonly clouds: Awaited<ReturnType<typeof startClouds>>;
  readonly fleet: Fleet;
  readonly ports: RotationPorts;
  readonly ledgerFile: string;
  /** Events, but for those of keys that began to count. */
  readonly notices: (Identity & Notice)[];
  /** How often each code was thrown at a worker. */
  readonly failures: Map<string, number>;
  /** What is not a failure that anybody foresaw. */
  readonly defects: unknown[];
  readonly failed: (error: unknown) => void;
  /** How many requests the clouds were sent. */
  readonly calls: () => number;
  close(): Promise<void>;
}

/** @param watched sees every login and edit */
export async function startStack(folder: string, clock: TestClock, watched: (hosts: Hosts) => Hosts): Promise<Stack> {
  const clouds = await startClouds({ clock, behaviour: { 'binding.lagMs': BINDING_LAG_MS } });
  const transport = counted(createTransport({ clock }));
  const ledgerFile = join(folder, 'ledger.sqlite');
  const ledger = await sqliteLedger<KeyPairRecord, Attempt>({ path: ledgerFile, clock });
  const key = { file: join(folder, 'secrets.key') };
  const store = await embeddedStore({ path: join(folder, 'secrets.sqlite'), key, deployment, clock });
  const pins = new AccountPins(ledger, clock, settings);
  const { endpoint } = clouds;
  const accessKey = { ...clouds.credentials.alibaba };
  const connection = connect(accessKey, { transport, endpoint, identityEndpoint: endpoint })!;
  const fleet = connectFleet(accessKey, { transport, endpoint, scalingEndpoint: endpoint })!;
  const [notices, failures, defects]: [(Identity & Notice)[], Map<string, number>, unknown[]] = [[], new Map(), []];
  const told = new Set<string>();

  return {
    ...{ clock, clouds, fleet, ledgerFile, notices, failures, defects },
    calls: transport.calls,
    failed(error) {
      if (!(error instanceof VendingError) || error.code === 'INTERNAL') defects.push(error);
      const code = error instanceof VendingError ? error.code : 'not a VendingError';
      failures.set(code, (failures.get(code) ?? 0) + 1);
    },
    ports: {
      ...{ ledger, store, clock, settings },
      deployment: new Deployment(deployment, ledger, clock, randomUUID),
      providerFor: async (identity) => pins.pinned(identity, connection.provider, connection.accessKey),
      fleetFor: async () => fleet,
      hosts: watched(sshHosts({ clock, rules: thisMachine })),
      rotation: {
        defaults: { ...rotationDefaults, maxAgeDays: MAX_AGE_DAYS, overlapDays: OVERLAP_DAYS },
        leaseMs: 960_000,
        graceMs: 30 * DAY_MS,
      },
      publish: async () => {},
      notify: async (identity, notice) => {
        if (told.has(notice.id)) return; // whatever is published twice is the same event
        told.add(notice.id);
        notices.push({ ...identity, ...notice });
      },
      actor: { door: 'schedule', who: 'keyvend' },
      sendEntries: async () => {},
      newId: randomUUID,
      newKey: generateKey,
      wait: async (ms) => clock.advance(ms),
    },
    async close() {
      transport.close();
      await clouds.close();
      await Promise.all([ledger.close(), store.close()]);
    },
  };
}

function counted(transport: Transport): Transport & { readonly calls: () => number } {
  let calls = 0;
  return {
    send(request, call) {
      calls += 1;
      return transport.send(request, call);
    },
    close: () => transport.close(),
    calls: () => calls,
  };
}
