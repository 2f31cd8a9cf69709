// What differs between the clouds, and SMQ, on the wire: how a call is read, who signs how, how an answer is wrapped.
import type { CloudName } from '../accounts/credentials.ts';
import type { Delivery } from '../http/delivery.ts';
import type { Received } from '../http/received.ts';
import type { Refused } from '../refused.ts';
import type { Behaviour } from '../settings/behaviour.ts';
import type { Refusals } from '../signatures/authenticate.ts';
import type { Scheme } from '../signatures/claim.ts';
import type { ServiceName } from '../state/registry.ts';

export type Body = Record<string, unknown>;

/**
 * What has a version of its own. Each cloud's auto scaling launches that cloud's instances, in its regions, and is faulted with it;
 * so is Tencent's list of regions. KMS, EventBridge and SMQ are faulted by themselves.
 */
export type Product = ServiceName | 'ess' | 'kms' | 'eventbridge' | 'smq' | 'as' | 'region';
/** Products by whose own name faults are planned and requests are logged. */
export const byThemselves = ['kms', 'eventbridge', 'smq'] as const satisfies readonly Product[];

/** One call as the cloud understands it, before anyone has checked who sends it or what it asks for. */
export interface Call {
  readonly service: ServiceName;
  readonly product: Product;
  readonly action: string;
  /** `global` for ENS; empty when the request names none. */
  readonly region: string;
  /** Empty when the body could not be read; `unreadable` then says so. */
  readonly parameters: ReadonlyMap<string, unknown>;
  /** Names of the parameters that came in the query, and not in a body; where a service makes a difference. */
  readonly inQuery?: ReadonlySet<string>;
  /** Every value came as text, so a number may be one: query and form, not JSON. */
  readonly asText: boolean;
  readonly unreadable?: Refused;
}

export interface Protocol {
  readonly cloud: CloudName;
  readonly scheme: Scheme;
  /** What a request says that it is, whether that exists or not. */
  named(request: Received): { readonly version: string; readonly action: string };
  /** @throws {Refused} for a version or action that does not exist */
  read(request: Received): Call;
  refusals(behaviour: Behaviour): Refusals;
  requestId(): string;
  success(body: Body, requestId: string): Body;
  failure(refused: Refused, requestId: string, request: Received): Body;
  /** @param body what `success` or `failure` made */
  answer(status: number, body: Body, requestId: string, headers?: Readonly<Record<string, string>>): Delivery;
  /** The refusal that stands for a failure of the server itself. */
  broken(service?: ServiceName): Refused;
  /** @param retryAfterMs for clients that read it from the answer */
  throttled(retryAfterMs?: number): Refused;
}
