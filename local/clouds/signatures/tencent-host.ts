// Official SDKs disagree about the port in the signed host: the Node SDK's TC3 leaves it out, its older schemes and
// other languages' SDKs keep it. The real service has no port, so both readings are the same there.
import type { Received } from '../http/received.ts';

/** The `Host` header as sent, and without its port where it has one. */
export function signedHosts(request: Received): [string, ...string[]] {
  const host = request.headers.get('host') ?? '';
  const bare = host.replace(/:\d+$/, '');
  return bare === host ? [host] : [host, bare];
}

/** Whole seconds since the epoch, as milliseconds; undefined when the text is no such number. */
export const secondsAsMs = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,11}$/.test(text) ? Number(text) * 1000 : undefined;
