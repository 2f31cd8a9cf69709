// An answer that repeats the private key in it where something else belongs, as a cloud with a mistake in it might.
import type { Delivery } from '../http/delivery.ts';
import { withField } from './fields.ts';

export const echoPlaces = ['id', 'fingerprint', 'public-key', 'request-id', 'error', 'location'] as const;
export const echoForms = ['pem', 'letters', 'hex'] as const;
type Place = (typeof echoPlaces)[number];
type Form = (typeof echoForms)[number];

const fields: Readonly<Partial<Record<Place, readonly string[]>>> = {
  id: ['KeyPairId', 'KeyId'],
  fingerprint: ['KeyPairFingerPrint'],
  'public-key': ['PublicKey'],
  'request-id': ['RequestId'],
};

/** The whole key; the longest piece of it that is all letters and digits, as an id is; or some octets in hex, as in a fingerprint. */
export function echoOf(key: string, form: Form): string {
  if (form === 'pem') return key;
  const base64 = key.replace(/-----[^-]*-----|\s/g, '');
  if (form === 'hex') return Buffer.from(base64, 'base64').subarray(-80, -64).toString('hex');
  const [longest = ''] = (base64.match(/[A-Za-z0-9]+/g) ?? []).sort((a, b) => b.length - a.length);
  return longest.slice(0, 60);
}

/** @returns the answer as it is when there is no key in it */
export function echoed(delivery: Delivery, place: Place, form: Form): Delivery {
  const [, quoted] = /"PrivateKey(?:Body)?":("(?:[^"\\]|\\.)*")/.exec(delivery.body) ?? [];
  if (quoted === undefined) return delivery;
  const echo = echoOf(JSON.parse(quoted), form);
  const oneLine = echo.replaceAll('\n', '');
  if (place === 'location') return { ...delivery, status: 302, body: '', headers: { location: `https://${oneLine}/` } };
  const body = JSON.parse(delivery.body);
  if (place === 'error') {
    const [RequestId, isTencent] = [body.RequestId, body.Response !== undefined];
    const error = { Code: echo, Message: echo };
    const shown = isTencent ? { Response: { Error: error, RequestId: echo } } : { ...error, RequestId };
    return { ...delivery, status: isTencent ? 200 : 400, body: JSON.stringify(shown) };
  }
  const changed = (fields[place] ?? []).reduce((whole, field) => withField(whole, field, () => echo), body);
  const headers = place === 'request-id' ? { ...delivery.headers, 'x-acs-request-id': oneLine } : delivery.headers;
  return { ...delivery, headers, body: JSON.stringify(changed) };
}
