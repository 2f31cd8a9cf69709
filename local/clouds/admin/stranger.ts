// A pair that someone else made, put in past every check: what a client finds in its way.
import { type CloudName, type Credential, credentialOf } from '../accounts/credentials.ts';
import type { Draft } from '../services/making.ts';
import { type Place, type ServiceName, serviceNames, type Tag } from '../state/registry.ts';

export interface Stranger {
  readonly service: ServiceName;
  readonly name: string;
  /** Needed for ECS and CVM. */
  readonly region?: string;
  /** Default: the account of the permanent credential. */
  readonly account?: string;
  /** An OpenSSH line; without one, a new key is made and its private half thrown away. */
  readonly publicKey?: string;
  /** On the server's clock; default now. */
  readonly createdAtMs?: number;
  readonly tags?: readonly Tag[];
  readonly projectId?: number;
}

const cloudOf: Readonly<Record<ServiceName, CloudName>> = { ens: 'alibaba', ecs: 'alibaba', cvm: 'tencent' };

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

/** Whose it is, and where. @throws {TypeError} naming the field that is missing or of the wrong type: it may come in as JSON */
export function placeOf(
  { service, region, account }: Pick<Stranger, 'service' | 'region' | 'account'>,
  credentials: readonly Credential[],
): Place {
  if (!serviceNames.includes(service)) throw new TypeError(`service is ${serviceNames.join(' | ')}`);
  if (service !== 'ens' && !isText(region)) throw new TypeError('region is missing');
  if (account !== undefined && !isText(account)) throw new TypeError('account is a text');
  return {
    account: account ?? credentialOf(credentials, cloudOf[service], 'permanent').account,
    service,
    region: service === 'ens' ? 'global' : (region ?? ''),
  };
}

/** @throws {TypeError} likewise */
export function settled(
  { name, publicKey, createdAtMs, tags = [], projectId = 0, ...where }: Stranger,
  credentials: readonly Credential[],
): { place: Place; draft: Draft } {
  const place = placeOf(where, credentials);
  const optional = (value: unknown, type: string): boolean => value === undefined || typeof value === type;
  const right: Record<string, boolean> = {
    'name is missing': isText(name),
    'publicKey is a text': optional(publicKey, 'string'),
    'createdAtMs is a number': optional(createdAtMs, 'number'),
    'projectId is a number': Number.isSafeInteger(projectId),
    'tags is a list of key and value':
      Array.isArray(tags) && tags.every(({ key, value }) => isText(key) && optional(value, 'string')),
  };
  const wrong = Object.keys(right).find((says) => !right[says]);
  if (wrong) throw new TypeError(wrong);
  return { place, draft: { name, projectId, tags: tags.map(({ key, value }) => ({ key, value: value ?? '' })) } };
}
