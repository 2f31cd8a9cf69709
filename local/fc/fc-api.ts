// The part of Function Compute's own API that functions ask for each other by: InvokeFunction of version 2023-03-30, signed by ACS3.

import type { Received } from '../clouds/http/received.ts';
import { readAcs3 } from '../clouds/signatures/acs3.ts';
import { authenticate, type Refusals } from '../clouds/signatures/authenticate.ts';
import { SeenOnce } from '../clouds/signatures/seen-once.ts';
import type { RoleKey } from './fc-call.ts';
import type { FcFunction, Invoked } from './fc-function.ts';

const PATH = /^\/2023-03-30\/functions\/([A-Za-z_][\w-]{0,127})\/invocations$/;
const WINDOW_MS = 15 * 60_000;

export interface ApiAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}
const refused = (status: number, Code: string): ApiAnswer => ({
  status,
  body: JSON.stringify({ Code, Message: Code }),
});

class Refused extends Error {
  readonly said: ApiAnswer;
  constructor(said: ApiAnswer) {
    super('refused');
    this.said = said;
  }
}
const refusing = (code: string) => () => new Refused(refused(403, code)) as never;
const refusals: Refusals = {
  unknownKey: refusing('InvalidAccessKeyId.NotFound'),
  inactiveKey: refusing('InvalidAccessKeyId.Inactive'),
  stale: refusing('InvalidTimeStamp.Expired'),
  tokenMissing: refusing('MissingSecurityToken'),
  tokenUnknown: refusing('InvalidSecurityToken.Malformed'),
  tokenOfAnotherKey: refusing('InvalidSecurityToken.MismatchWithAccessKey'),
  tokenExpired: refusing('InvalidSecurityToken.Expired'),
  mismatch: refusing('SignatureDoesNotMatch'),
  replayed: refusing('SignatureNonceUsed'),
};

export interface ApiOptions {
  /** The keys that may ask. */
  keys(): readonly RoleKey[];
  readonly account: string;
  nowMs(): number;
  get(name: string): FcFunction | undefined;
  /** Takes an asynchronous call. */
  take(to: FcFunction, body: Buffer): void;
}

export function fcApi({ keys, account, nowMs, get, take }: ApiOptions): (request: Received) => Promise<ApiAnswer> {
  const seen = new SeenOnce();
  return async (request) => {
    const [, name] = PATH.exec(request.path) ?? [];
    if (request.method !== 'POST' || name === undefined) return refused(404, 'InvalidAction.NotFound');
    const credentials = keys().map(({ accessKeyId: keyId, accessKeySecret: secret, securityToken: token }) => ({
      ...{ cloud: 'alibaba' as const, keyId, secret, token, account, active: true, permitted: true },
    }));
    try {
      authenticate(readAcs3(request), { credentials, nowMs: nowMs(), windowMs: WINDOW_MS, seen, refusals });
    } catch (error) {
      if (error instanceof Refused) return error.said;
      return refused(400, 'IncompleteSignature');
    }
    if (request.headers.get('x-acs-action') !== 'InvokeFunction') return refused(404, 'InvalidAction.NotFound');
    const to = get(name);
    if (to === undefined) return refused(404, 'FunctionNotFound');
    const how = request.headers.get('x-fc-invocation-type') ?? 'Sync';
    if (how === 'Sync') return answered(await to.invoke(request.body));
    if (how !== 'Async') return refused(400, 'InvalidArgument');
    take(to, request.body);
    return { status: 202, body: '' };
  };
}

/** Whoever waits for it is told of a function's failure by a header; the call itself is a success. */
function answered(invoked: Invoked): ApiAnswer {
  const failed = { 'x-fc-error-type': 'HandledInvocationError' };
  if ('failure' in invoked)
    return { status: 200, headers: failed, body: JSON.stringify({ errorMessage: invoked.failure }) };
  return { status: 200, ...(invoked.failed && { headers: failed }), body: invoked.answer.body };
}
