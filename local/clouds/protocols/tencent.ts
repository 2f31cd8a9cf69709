// Tencent Cloud API 3.0: JSON in, JSON out, always HTTP 200. Source: "Request structure", "Responses" (Tencent docs).
import { randomUUID } from 'node:crypto';
import { json } from '../http/delivery.ts';
import { formPairs, queryPairs, type Received } from '../http/received.ts';
import { Refused } from '../refused.ts';
import { isTc3, readTc3 } from '../signatures/tc3.ts';
import { readTencentV1 } from '../signatures/tencent-v1.ts';
import { nested } from './flattened.ts';
import type { Call, Protocol } from './protocol.ts';
import { refuseTencent } from './tencent-errors.ts';

const products: ReadonlyMap<string, Call['product']> = new Map([
  ['2017-03-12', 'cvm'],
  ['2018-04-19', 'as'],
  ['2022-06-27', 'region'],
]);

/** Parameters of the platform, not of an action, where they travel beside the action's own. */
const common = new Set([
  ...['Action', 'Version', 'Region', 'Nonce', 'Timestamp', 'SecretId', 'Signature', 'SignatureMethod', 'Token'],
  ...['Language', 'RequestClient'],
]);

/** Whether a request speaks Tencent's protocol. The host says nothing: all services share one port. */
export const isTencent = (request: Received): boolean =>
  isTc3(request) ||
  (request.headers.get('authorization') ?? '').startsWith('TC3-') ||
  [...queryPairs(request), ...formPairs(request)].some(
    ([name, value]) => name === 'SecretId' || (name === 'Version' && products.has(value)),
  );

const flatOf = (request: Received) => new Map([...queryPairs(request), ...formPairs(request)]);
const platform = (request: Received, name: string): string =>
  (isTc3(request) ? request.headers.get(`x-tc-${name.toLowerCase()}`) : flatOf(request).get(name)) ?? '';

export const tencent: Protocol = {
  cloud: 'tencent',
  scheme: (request) => (isTc3(request) ? readTc3 : readTencentV1)(request),

  named: (request) => ({ version: platform(request, 'Version'), action: platform(request, 'Action') }),

  read(request) {
    if (request.method !== 'GET' && request.method !== 'POST') throw refuseTencent('UnsupportedProtocol');
    for (const name of ['Action', 'Version'])
      if (!platform(request, name)) throw refuseTencent('MissingParameter', name);
    const product = products.get(platform(request, 'Version'));
    if (!product) throw refuseTencent('NoSuchVersion');
    return {
      service: 'cvm',
      product,
      action: platform(request, 'Action'),
      region: platform(request, 'Region'),
      ...(isTc3(request) && request.method === 'POST' ? fromJson(request.body) : fromText(flatOf(request))),
    };
  },

  refusals: () => ({
    unknownKey: () => refuseTencent('AuthFailure.SecretIdNotFound'),
    inactiveKey: () => refuseTencent('AuthFailure.SecretIdNotFound'),
    stale: () => refuseTencent('AuthFailure.SignatureExpire'),
    tokenMissing: () => refuseTencent('AuthFailure.TokenFailure'),
    tokenUnknown: () => refuseTencent('AuthFailure.TokenFailure'),
    tokenOfAnotherKey: () => refuseTencent('AuthFailure.TokenFailure'),
    tokenExpired: () => refuseTencent('AuthFailure.TokenFailure'),
    mismatch: () => refuseTencent('AuthFailure.SignatureFailure'),
    replayed: () => refuseTencent('AuthFailure.SignatureFailure'),
  }),

  requestId: () => randomUUID(),
  success: (body, requestId) => ({ Response: { ...body, RequestId: requestId } }),
  failure: ({ code, message }, requestId) => ({
    Response: { Error: { Code: code, Message: message }, RequestId: requestId },
  }),
  answer: (status, body, _requestId, headers) => json(status, body, headers),
  broken: () => new Refused('InternalServerError', 200, 'Internal error.'),
  throttled: () => tooFast(11, 10),
};

/** @param count this request's number within the second; @param limit how many are allowed */
export const tooFast = (count: number, limit: number): Refused =>
  refuseTencent(
    'RequestLimitExceeded',
    `Your current request times equals to \`${count}\` in a second, which exceeds the frequency limit \`${limit}\` for a second.`,
  );

type Read = Pick<Call, 'parameters' | 'asText' | 'unreadable'>;

function fromJson(body: Buffer): Read {
  try {
    const value: unknown = JSON.parse(body.toString('utf8') || '{}');
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      return { parameters: new Map(Object.entries(value)), asText: false };
    }
  } catch {
    // Not JSON: refused like JSON of the wrong shape, once the caller is known.
  }
  return { parameters: new Map(), asText: false, unreadable: refuseTencent('InvalidParameter') };
}

const fromText = (flat: ReadonlyMap<string, string>): Read => ({
  parameters: nested([...flat].filter(([name]) => !common.has(name))),
  asText: true,
});
