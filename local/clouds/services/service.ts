// What a service is to the rest of the program: a table of actions, its error codes, and its refusal of an unpermitted caller.
import type { NewKey } from '../keys/key-source.ts';
import type { Body, Call } from '../protocols/protocol.ts';
import type { ErrorTable, Refused } from '../refused.ts';
import type { Behaviour } from '../settings/behaviour.ts';
import type { Limits } from '../settings/limits.ts';
import type { Buses } from '../state/buses.ts';
import type { Fleet } from '../state/fleet.ts';
import type { Queues } from '../state/queues.ts';
import type { Pair, Place, Registry } from '../state/registry.ts';
import type { Secrets } from '../state/secrets.ts';

/** Everything an action may see and change. */
export interface World {
  readonly place: Place;
  readonly nowMs: number;
  readonly registry: Registry;
  readonly fleet: Fleet;
  readonly secrets: Secrets;
  readonly buses: Buses;
  readonly queues: Queues;
  readonly behaviour: Behaviour;
  readonly limits: Limits;
  newKey(bits: number): Promise<NewKey>;
  /** Resolves once what is in the registry and the fleet is on disk, where there is a state file. */
  save(): Promise<void>;
}

export interface Outcome {
  /** Without the request id, which the protocol adds. */
  readonly body: Body;
  /** The pair a create or an import made. */
  readonly made?: Pair;
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An action in two steps, so that the switch `order.first` can put the check of credentials between them or after both:
 * the first looks at the request alone and refuses what can never be right, the second acts.
 */
export type Action = (call: Call, behaviour: Behaviour) => (world: World) => Promise<Outcome>;

export interface Service {
  readonly actions: ReadonlyMap<string, Action>;
  readonly errors: ErrorTable;
  /** For a caller who may sign but not do this. */
  unpermitted(): Refused;
  /** For the fault `throttle`, where the service has a code of its own for it. */
  throttled?(headers: Refused['headers']): Refused;
}
