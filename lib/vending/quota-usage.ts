// How close a place is to its quota, counted ahead of time: by the time a create meets the limit, it has failed.
import type { Place } from '../identity.ts';
import { countedKey, warningKey } from '../ledger/places.ts';
import type { Ports } from './ports.ts';

export interface Usage {
  /** Key pairs of the place, whoever made them. */
  readonly used: number;
  readonly limit: number;
}

/** From this share of the quota on, callers are told, and an operator should be alerted. */
const NEAR = 0.9;

/**
 * Counts what a place holds, and remembers it for `keepMs`, for all functions; where that is near the limit, also as `used=460, limit=500`.
 * Undefined where no limit is known.
 */
export async function countUsage(ports: Ports, place: Place, keepMs: number): Promise<Usage | undefined> {
  const { ledger, clock, settings } = ports;
  const limit = settings.quotas[place.provider];
  if (limit === 0) return undefined;
  const provider = await ports.providerFor({ ...place, name: '-' });
  const used = await provider.count(place.region, { timeoutMs: settings.callTimeoutMs });
  const warning = used >= limit * NEAR ? `used=${used}, limit=${limit}` : '';
  const untilMs = clock.wallMs() + keepMs;
  await ledger.restate(warningKey(place), warning, untilMs);
  await ledger.restate(countedKey(place), `${used}/${limit}`, untilMs);
  return { used, limit };
}

/** What was last counted of a place; undefined where that was not, or is too long ago. */
export async function countedUsage(
  { ledger, clock }: Pick<Ports, 'ledger' | 'clock'>,
  place: Place,
): Promise<Usage | undefined> {
  const [, used, limit] = /^(\d+)\/(\d+)$/.exec((await ledger.recall(countedKey(place), clock.wallMs())) ?? '') ?? [];
  return used === undefined ? undefined : { used: Number(used), limit: Number(limit) };
}
