// `Authorization: MNS <id>:<signature>`, as SMQ (formerly MNS) has it: HMAC-SHA1 over method, digest, type, date, its own headers and target.
// Source: "Request signatures" (Simple Message Queue); `sign` of @alicloud/mns.
import type { Received } from '../http/received.ts';
import { refuseSmq } from '../services/smq/errors.ts';
import { hmac } from './canonical.ts';
import type { Claim } from './claim.ts';

/** Whether a request speaks SMQ's protocol. */
export const isMns = ({ headers }: Received): boolean =>
  (headers.get('authorization') ?? '').startsWith('MNS ') || headers.has('x-mns-version');

export function readMns(request: Received): Claim {
  const { headers, method, path, query } = request;
  const authorization = headers.get('authorization');
  if (!authorization) throw refuseSmq('MissingAuthorizationHeader');
  const [, keyId, signature] = /^MNS ([^:\s]+):([A-Za-z0-9+/]{27}=)$/.exec(authorization) ?? [];
  if (!keyId || !signature) throw refuseSmq('InvalidAuthorizationHeader');
  const date = headers.get('date') ?? headers.get('x-mns-date');
  if (!date) throw refuseSmq('MissingDateHeader');
  const signedAtMs = Date.parse(date);
  if (Number.isNaN(signedAtMs)) throw refuseSmq('InvalidDateHeader');
  const own = [...headers].filter(([name]) => name.startsWith('x-mns-')).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = [
    ...[method, headers.get('content-md5') ?? '', headers.get('content-type') ?? '', date],
    `${own.map(([name, value]) => `${name}:${value}\n`).join('')}${path}${query && `?${query}`}`,
  ].join('\n');
  return {
    ...{ keyId, token: headers.get('security-token'), signedAtMs, once: undefined, signature },
    stringsToSign: [text],
    sign: (secret, what) => hmac('sha1', secret, what).toString('base64'),
  };
}
