// Tencent's older signature, HmacSHA1 or HmacSHA256 over the plain parameters.
// Source: "Signature" (Tencent Cloud API docs); tencentcloud-sdk-nodejs-common common/abstract_client.js.
import { formPairs, queryPairs, type Received } from '../http/received.ts';
import { refuseTencent } from '../protocols/tencent-errors.ts';
import { hmac } from './canonical.ts';
import type { Claim } from './claim.ts';
import { secondsAsMs, signedHosts } from './tencent-host.ts';

const algorithms = new Map<string, 'sha1' | 'sha256'>([
  ['HmacSHA1', 'sha1'],
  ['HmacSHA256', 'sha256'],
]);
const mandatory = ['SecretId', 'Signature', 'Timestamp', 'Nonce'];

export function readTencentV1(request: Received): Claim {
  const pairs = [...queryPairs(request), ...formPairs(request)];
  const parameters = new Map(pairs);
  const value = (name: string): string => parameters.get(name) ?? '';
  for (const name of mandatory) if (!value(name)) throw refuseTencent('MissingParameter', name);
  const algorithm = algorithms.get(parameters.get('SignatureMethod') ?? 'HmacSHA1');
  if (!algorithm) throw refuseTencent('InvalidParameterValue', 'SignatureMethod');
  const signedAtMs = secondsAsMs(value('Timestamp'));
  if (signedAtMs === undefined) throw refuseTencent('InvalidParameterValue', 'Timestamp');

  // Neither names nor values are encoded: `k=v` joined by `&`, in the order of the names.
  const signed = pairs
    .filter(([name]) => name !== 'Signature')
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, text]) => `${name}=${text}`)
    .join('&');
  const stringToSign = (host: string): string => `${request.method}${host}${request.path}?${signed}`;
  const [host, ...others] = signedHosts(request);

  return {
    keyId: value('SecretId'),
    token: parameters.get('Token'),
    signedAtMs,
    // Nonce has 16 bits in the SDK: two honest requests share one soon. The signature covers it and everything else.
    once: value('Signature'),
    signature: value('Signature'),
    stringsToSign: [stringToSign(host), ...others.map(stringToSign)],
    sign: (secret, text) => hmac(algorithm, secret, text).toString('base64'),
  };
}
