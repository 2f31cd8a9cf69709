// What the platform sends to a function's HTTP server, and what of it may be believed. Headers that begin with `x-fc-` are the platform's
// own: it takes them away from whatever comes from outside. A path is the caller's, and says nothing.
// Source: "Custom runtime", Function Compute; that `x-fc-control-path` comes with version 3.0 as well is not certain, so both is answered.
import type { IncomingHttpHeaders } from 'node:http';
import type { AlibabaCredentials } from '../../alibaba/acs3.ts';
import { Secret } from '../../secret.ts';

/** A function answers requests or takes events, and never both. */
export type Serves = 'requests' | 'events';

export type Kind =
  | 'request'
  | 'event'
  /** Once, before the first call. */
  | 'initialize'
  /** Before the instance is stopped. */
  | 'pre-stop'
  /** May be one, or a request from outside of the same name. */
  | 'perhaps-initialize'
  | 'perhaps-pre-stop'
  /** Nothing that this function takes. */
  | 'other';

/** Headers that somebody outside may have sent, or that are added where a request comes in: an event has none of them. */
const ofCallers = ['authorization', 'cookie', 'forwarded', 'origin', 'referer', 'via', 'x-forwarded-for', 'x-real-ip'];

interface Asked {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export function kindOf(serves: Serves, { method, url = '', headers }: Asked): Kind {
  const asked = `${method} ${url.split('?', 1)[0]}`;
  const said = headers['x-fc-control-path'];
  const isCall = headers['x-fc-request-id'] !== undefined;
  if (said !== undefined) {
    if (said === '/initialize' && asked === 'POST /initialize') return 'initialize';
    if (said === '/pre-stop' && asked === 'GET /pre-stop') return 'pre-stop';
    if (serves === 'requests') return 'request';
    return said === '/invoke' && asked === 'POST /invoke' ? 'event' : 'other';
  }
  if (serves === 'requests') {
    if (isCall && asked === 'POST /initialize') return 'perhaps-initialize';
    return isCall && asked === 'GET /pre-stop' ? 'perhaps-pre-stop' : 'request';
  }
  if (!isCall || ofCallers.some((name) => headers[name] !== undefined)) return 'other';
  if (asked === 'POST /initialize') return 'initialize';
  if (asked === 'GET /pre-stop') return 'pre-stop';
  return asked === 'POST /invoke' ? 'event' : 'other';
}

/** What the platform says about a call. */
export interface Call {
  readonly id: string;
  /** Of the function's role, where it has one: for this call and no longer. */
  readonly credentials?: AlibabaCredentials;
  /** Whose function it is, and where. */
  readonly account?: string;
  readonly region?: string;
}

const word = (value: unknown, rule = /^[\w-]{1,128}$/): string | undefined =>
  typeof value === 'string' && rule.test(value) ? value : undefined;

/** @param newId for a call without an id */
export function callIn(headers: IncomingHttpHeaders, newId: () => string): Call {
  const [account, region] = [word(headers['x-fc-account-id'], /^\d{1,32}$/), word(headers['x-fc-region'])];
  const id = word(headers['x-fc-access-key-id'], /^[\x21-\x7e]{1,256}$/);
  const [secret, token] = [headers['x-fc-access-key-secret'], headers['x-fc-security-token']];
  const credentials =
    id !== undefined && typeof secret === 'string' && secret !== ''
      ? {
          accessKeyId: id,
          accessKeySecret: new Secret(secret),
          ...(typeof token === 'string' && token !== '' && { securityToken: new Secret(token) }),
        }
      : undefined;
  return {
    id: word(headers['x-fc-request-id']) ?? newId(),
    ...(account !== undefined && { account }),
    ...(region !== undefined && { region }),
    ...(credentials && { credentials }),
  };
}

/** What the caller has sent: without the platform's own, among which are keys. */
export const callersHeaders = (headers: IncomingHttpHeaders): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || name.startsWith('x-fc-') ? [] : [[name, String(value)] as const],
    ),
  );
