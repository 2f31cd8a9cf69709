// Asking a cloud whether an access key may do what keyvend does, by requests that make, change and delete nothing whatever the cloud
// answers. A provider that needs rights has a connect-rights.ts in its folder, beside its connect.ts, and each says for each of its
// actions why nothing can come of it.
import { randomUUID } from 'node:crypto';
import { type FailureCode, VendingError } from '../errors.ts';
import type { ProviderName } from '../provider-table.ts';
import type { CallLimits } from '../transport/wire.ts';
import type { ConnectTo } from './connect.ts';
import type { Operation } from './outcome.ts';
import type { Refusals } from './refusals.ts';
import type { Action } from './rights.ts';

/** By action: sends the request. @throws {VendingError} as the reads of a provider */
export type Asks = Readonly<Partial<Record<Action, (call: CallLimits) => Promise<unknown>>>>;

export type ConnectRights = ConnectTo<Asks>;

/** The `connectRights` of any provider, for code that works on all of them. */
export async function rightsConnectionOf(provider: ProviderName): Promise<ConnectRights> {
  const { connectRights }: { readonly connectRights: ConnectRights } = await import(`./${provider}/connect-rights.ts`);
  return connectRights;
}

/** As a read: of an answer that did not come, nothing can have been done either. */
export const asked = (service: Operation['service'], refusals: Refusals, action: Action): Operation => ({
  ...{ service, refusals, changes: false },
  action: action.slice(action.indexOf(':') + 1),
});

/** @param requests of each action, one of which nothing can come */
export const asksBy = <P>(
  requests: Readonly<Partial<Record<Action, P>>>,
  send: (action: Action, parameters: P, call: CallLimits) => Promise<unknown>,
): Asks =>
  Object.fromEntries(
    (Object.entries(requests) as [Action, P][]).map(([action, parameters]) => [
      action,
      (call: CallLimits) => send(action, parameters, call),
    ]),
  );

/** What nothing is called: 128 random bits, and longer than the ids that clouds give. */
export const nobodys = (): string => `keyvend-doctor-${randomUUID()}`;

/** Neither Alibaba's nor Tencent's rule for names allows it. */
export const NO_NAME = '!';

/**
 * `untold`: refused for something else, or failed, which a cloud may do before it looks at rights; which of them do is on no page.
 * `unknown`: there was no answer to go by.
 */
export type Told = 'may' | 'may not' | 'untold' | 'unknown';

/** @param error what an ask threw; undefined where it did not */
export function toldBy(error: unknown): Told {
  if (error === undefined) return 'may';
  if (!(error instanceof VendingError)) throw error;
  const { code, upstreamCode = '' } = error;
  if (code === 'PERMISSION_DENIED') return 'may not';
  if (upstreamCode === '' || code in noAnswer) return 'unknown';
  // Who is told that what was named does not exist was allowed to look for it.
  const isLookedFor =
    /Not(?:Found|Existed)$/.test(upstreamCode) && !/^Invalid(?:Action|Version|RegionId)\b/.test(upstreamCode);
  return isLookedFor ? 'may' : 'untold';
}

/** What says nothing of rights though the cloud said it. */
const noAnswer: Readonly<Partial<Record<FailureCode, true>>> = {
  ...{ THROTTLED: true, CREDENTIALS_REFUSED: true, CLOCK_SKEWED: true, REGION_UNKNOWN: true },
};
