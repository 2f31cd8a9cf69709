// TC3-HMAC-SHA256, Tencent Cloud API 3.0. Source: "Signature v3" (Tencent Cloud API docs);
// tencentcloud-sdk-nodejs-common common/sign.js sign3.
import type { Received } from '../http/received.ts';
import { refuseTencent } from '../protocols/tencent-errors.ts';
import { hmac, sha256Hex } from './canonical.ts';
import type { Claim } from './claim.ts';
import { secondsAsMs, signedHosts } from './tencent-host.ts';

const algorithm = 'TC3-HMAC-SHA256';
// The service is whatever comes before the endpoint's first dot, so `127` here: it is taken from the scope and not compared
// with a product's name.
const authorizationForm =
  /^TC3-HMAC-SHA256 +Credential=([^/\s]+)\/(\d{4}-\d\d-\d\d)\/([^/\s]+)\/tc3_request, *SignedHeaders=([^,\s]+), *Signature=([0-9a-f]{64})$/;

export const isTc3 = (request: Received): boolean => request.headers.has('x-tc-action');

export function readTc3(request: Received): Claim {
  const { headers } = request;
  const [, keyId, date, service, list, signature] = authorizationForm.exec(headers.get('authorization') ?? '') ?? [];
  if (!keyId || !date || !service || !list || !signature) throw refuseTencent('AuthFailure.InvalidAuthorization');
  const timestamp = headers.get('x-tc-timestamp');
  if (!timestamp) throw refuseTencent('MissingParameter', 'Timestamp');
  const signedAtMs = secondsAsMs(timestamp);
  if (signedAtMs === undefined) throw refuseTencent('InvalidParameterValue', 'Timestamp');
  const signed = list.split(';');
  if (!signed.includes('host') || !signed.includes('content-type')) {
    throw refuseTencent('AuthFailure.InvalidAuthorization');
  }
  // The scope's day is the timestamp's, in UTC; another one would sign with another key.
  if (date !== new Date(signedAtMs).toISOString().slice(0, 10)) throw refuseTencent('AuthFailure.SignatureFailure');

  const canonical = (host: string): string =>
    [
      request.method,
      request.path,
      request.query,
      ...signed.map((name) => `${name}:${name === 'host' ? host : signedValue(request, name)}`),
      '',
      list,
      sha256Hex(request.body),
    ].join('\n');
  const stringToSign = (host: string): string =>
    [algorithm, timestamp, `${date}/${service}/tc3_request`, sha256Hex(canonical(host))].join('\n');
  const [host, ...others] = signedHosts(request);

  return {
    keyId,
    token: headers.get('x-tc-token'),
    signedAtMs,
    once: undefined,
    signature,
    stringsToSign: [stringToSign(host), ...others.map(stringToSign)],
    canonicalRequest: canonical(host),
    sign: (secret, text) => {
      const key = hmac('sha256', hmac('sha256', hmac('sha256', `TC3${secret}`, date), service), 'tc3_request');
      return hmac('sha256', key, text).toString('hex');
    },
  };
}

// "x-tc-action:describeinstances": the page's own example lower-cases values; content types are sent as they are.
const signedValue = ({ headers }: Received, name: string): string =>
  name === 'content-type' ? (headers.get(name) ?? '') : (headers.get(name) ?? '').toLowerCase();
