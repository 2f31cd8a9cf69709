// The fleet adapters as they ship, against the local clouds: the pairs come from the provider's own adapter beside them.
import { afterAll, beforeAll } from 'vitest';
import { rowOf } from '../../lib/provider-table.ts';
import { type ConnectFleet, fleetConnectionOf } from '../../lib/providers/connect-fleet.ts';
import type { Fleet, UsedPair } from '../../lib/providers/fleet.ts';
import { createTransport } from '../../lib/transport/transport.ts';
import type { CallLimits, Transport } from '../../lib/transport/wire.ts';
import type { NewInstance } from '../../local/clouds/admin/fleet-requests.ts';
import type { Fault } from '../../local/clouds/faults/fault.ts';
import type { ServiceName } from '../../local/clouds/state/registry.ts';
import { type LocalHarness, localCloud } from './local-clouds.ts';

export const call: CallLimits = { timeoutMs: 20_000 };
export const hurried: CallLimits = { timeoutMs: 300 };

/** The service's own names for what the port does. */
export const actions = {
  ens: { attach: 'AttachKeyPair', detach: 'DetachKeyPair', mostBound: 30 },
  ecs: { attach: 'AttachKeyPair', detach: 'DetachKeyPair', mostBound: 50 },
  cvm: { attach: 'AssociateInstancesKeyPairs', detach: 'DisassociateInstancesKeyPairs', mostBound: 100 },
} as const satisfies Record<ServiceName, unknown>;

export interface FleetHarness extends LocalHarness {
  readonly fleet: Fleet;
  /** Has a pair made, and knows it by what the service knows it by. */
  used(name: string): Promise<UsedPair>;
  /** Starts instances, all alike but for their ids. @returns their ids */
  launch(count: number, over?: Partial<NewInstance>): Promise<string[]>;
  /** The ids of the instances that have a pair, by the cloud's own record. */
  bound(name: string): readonly string[];
  spoil(action: string, fault: Fault, skip?: number): void;
  sent(action: string): number;
  /** Does something between two requests of ours: after that many more have been sent. */
  between(requests: number, act: () => Promise<unknown>): void;
}

/** Registers the start and end of what it needs with the test file. @returns what starts a test: an empty cloud */
export function localFleet(name: ServiceName): () => Promise<FleetHarness> {
  const start = localCloud(name);
  let connect: ConnectFleet;
  let transport: Transport | undefined;
  beforeAll(async () => {
    connect = await fleetConnectionOf(name);
  });
  afterAll(() => transport?.close());

  return async () => {
    const cloud = await start();
    const { clouds, clock, region } = cloud;
    transport ??= createTransport({ clock, ca: clouds.ca });
    const wire = transport;
    let pending: { left: number; act: () => Promise<unknown> } | undefined;
    const watched: Transport = {
      async send(request, limits) {
        if (pending?.left === 0) {
          const { act } = pending;
          pending = undefined;
          await act();
        } else if (pending) pending.left -= 1;
        return wire.send(request, limits);
      },
      close: () => undefined,
    };
    const endpoint = clouds.tlsEndpoint;
    const key = { ...clouds.credentials[rowOf(name).credentials] };
    const fleet = connect(key, { transport: watched, endpoint, scalingEndpoint: endpoint })!;
    return {
      ...cloud,
      fleet,
      async used(pairName) {
        const { id } = await cloud.provider.create(cloud.pair(pairName), call);
        return { region, name: pairName, id };
      },
      async launch(count, over = {}) {
        const ids: string[] = [];
        for (let i = 0; i < count; i += 1) {
          ids.push((await clouds.admin.fleet.addInstance({ service: name, region, state: 'Stopped', ...over })).id);
        }
        return ids;
      },
      bound: (pairName) => clouds.admin.pairs(name).find((pair) => pair.name === pairName)?.instanceIds ?? [],
      spoil: (action, fault, skip = 0) => void clouds.admin.addFault({ match: { service: name, action }, skip, fault }),
      sent: (action) => clouds.admin.requests().filter((request) => request.action === action).length,
      between: (left, act) => {
        pending = { left, act };
      },
    };
  };
}
