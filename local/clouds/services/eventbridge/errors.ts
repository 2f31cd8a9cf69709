// EventBridge 2020-04-01. Source: "Error codes" (EventBridge), and the code that Alibaba's Terraform provider looks for in an answer of 200.
// A code without a published text or status has one of ours: match codes.

import { type ErrorTable, Refused, refuser } from '../../refused.ts';
import type { Behaviour } from '../../settings/behaviour.ts';

export const eventBridgeErrors = {
  AccessDenied: {
    status: 403,
    message: 'The OwnerId that your Access Key Id associated to is forbidden for this operation.',
  },
  ServiceAccessDenied: {
    status: 403,
    message: 'The OwnerId that your Access Key Id associated to has not enabled EventBridge Service.',
  },
  TooManyRequests: { status: 429, message: 'The request is denied by flow limiter for too many requests.' },
  EventBusNotExist: { status: 409, message: 'The event bus [%s] not existed!' }, // ours
  EventBusAlreadyExist: { status: 409, message: 'The event bus [%s] already existed!' }, // ours
  EventBusCountExceedLimit: { status: 409, message: 'The count of event buses exceeds the limit.' }, // ours
  InvalidArgument: { status: 400, message: 'The parameter %s is invalid.' }, // ours
  EventCountExceedLimit: { status: 400, message: 'The count of events exceeds the limit.' }, // ours
  EventSizeExceedLimit: { status: 400, message: 'The size of the events exceeds the limit.' }, // ours
  InternalError: { status: 500, message: 'InternalError' },
} as const satisfies ErrorTable;

export const refuseEventBridge = refuser(eventBridgeErrors);

/** What the service itself finds wrong comes with status 200, or with one of its own. */
export function refusedBy(behaviour: Behaviour, code: keyof typeof eventBridgeErrors, detail = ''): Refused {
  const refused = refuseEventBridge(code, detail);
  return behaviour['eventbridge.refusals'] === 'in-200' ? new Refused(code, 200, refused.message) : refused;
}
