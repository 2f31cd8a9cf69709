// ACS3-HMAC-SHA256, Alibaba's signature version 3, as @alicloud/openapi-core sends it.
// Source: "V3 request structure and signature" (Alibaba Cloud SDK docs); openapi-core dist/utils.js getAuthorization.
import { queryPairs, type Received } from '../http/received.ts';
import { refuseAlibaba } from '../protocols/alibaba-errors.ts';
import { instantOf } from './alibaba-time.ts';
import { canonicalQuery, hmac, sha256Hex } from './canonical.ts';
import type { Claim } from './claim.ts';

const algorithm = 'ACS3-HMAC-SHA256';
const authorizationForm =
  /^ACS3-HMAC-SHA256 +Credential=([^,\s]+), *SignedHeaders=([^,\s]+), *Signature=([0-9a-f]{64})$/;
const mandatory = ['x-acs-action', 'x-acs-version', 'x-acs-date', 'x-acs-signature-nonce', 'x-acs-content-sha256'];

/** By the parts only this scheme has, so that a request without its `Authorization` is refused in this scheme's words. */
export const isAcs3 = ({ headers }: Received): boolean =>
  headers.has('authorization') || headers.has('x-acs-content-sha256');

export function readAcs3(request: Received): Claim {
  const { headers } = request;
  const [, keyId, list, signature] = authorizationForm.exec(headers.get('authorization') ?? '') ?? [];
  if (!keyId || !list || !signature) throw refuseAlibaba('IncompleteSignature');
  for (const name of mandatory) if (!headers.get(name)) throw refuseAlibaba('MissingParameter', name);

  // A header that steers the call but is not signed could be changed on the way.
  const signed = list.split(';');
  const steering = [...headers.keys()].filter((name) => name.startsWith('x-acs-') || name === 'content-type');
  if (['host', ...steering].some((name) => !signed.includes(name))) throw refuseAlibaba('IncompleteSignature');

  const bodyHash = sha256Hex(request.body);
  const canonicalRequest = [
    request.method,
    request.path,
    canonicalQuery(queryPairs(request)),
    ...signed.map((name) => `${name}:${headers.get(name) ?? ''}`),
    '',
    list,
    bodyHash,
  ].join('\n');
  const stringToSign = `${algorithm}\n${sha256Hex(canonicalRequest)}`;
  if (headers.get('x-acs-content-sha256') !== bodyHash) throw refuseAlibaba('SignatureDoesNotMatch', stringToSign);

  return {
    keyId,
    token: headers.get('x-acs-security-token'),
    signedAtMs: instantOf(headers.get('x-acs-date')),
    once: headers.get('x-acs-signature-nonce'),
    signature,
    stringsToSign: [stringToSign],
    canonicalRequest,
    sign: (secret, text) => hmac('sha256', secret, text).toString('hex'),
  };
}
