// What an instance, a template or a configuration may say when it is made: it comes in as JSON.
import type { Credential } from '../accounts/credentials.ts';
import { type Instance, instanceStates } from '../state/fleet.ts';
import type { Place, ServiceName, Tag } from '../state/registry.ts';
import { placeOf } from './stranger.ts';

interface Owned {
  readonly service: ServiceName;
  /** Needed for ECS and CVM. */
  readonly region?: string;
  /** Default: the account of the permanent credential. */
  readonly account?: string;
}

export interface NewInstance extends Owned {
  /** Default: a new one. */
  readonly id?: string;
  readonly name?: string;
  /** Default `Running`. */
  readonly state?: Instance['state'];
  readonly privateAddresses?: readonly string[];
  readonly publicAddresses?: readonly string[];
  readonly elasticAddress?: string;
  readonly tags?: readonly Tag[];
  /** A pair's name or id; empty for none. */
  readonly keyPair?: string;
}

/** A template or a configuration of ECS or CVM. */
export interface NewLauncher extends Owned {
  readonly name: string;
  /** What it launches, in the words of the service's own Describe; several are the versions of a template. */
  readonly data?: Readonly<Record<string, unknown>> | readonly Readonly<Record<string, unknown>>[];
  /** Default: the last one. */
  readonly defaultVersion?: number;
}

const isText = (value: unknown): value is string => typeof value === 'string';
const areTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isObject = (value: unknown): boolean => value !== null && typeof value === 'object' && !Array.isArray(value);
const areTags = (value: unknown): boolean =>
  Array.isArray(value) && value.every((tag) => isObject(tag) && isText(tag.key) && isText(tag.value));

const fields: Readonly<Record<string, readonly [fits: (value: unknown) => boolean, says: string]>> = {
  id: [(value) => isText(value) && /^[\w-]{1,63}$/.test(value), 'id is a text of letters, digits and hyphens'],
  name: [isText, 'name is a text'],
  state: [(value) => instanceStates.some((state) => state === value), `state is ${instanceStates.join(' | ')}`],
  privateAddresses: [areTexts, 'privateAddresses is a list of texts'],
  publicAddresses: [areTexts, 'publicAddresses is a list of texts'],
  elasticAddress: [isText, 'elasticAddress is a text'],
  tags: [areTags, 'tags is a list of key and value'],
  keyPair: [isText, 'keyPair is a text'],
};
const owned = ['service', 'region', 'account'];

/** @throws {TypeError} naming the field that does not exist or is of the wrong type */
export function checkedInstance(given: Partial<NewInstance>): Omit<Partial<NewInstance>, keyof Owned> {
  const said = Object.entries(given).filter(([name, value]) => value !== undefined && !owned.includes(name));
  for (const [name, value] of said) {
    const [fits, says] = fields[name] ?? [];
    if (!fits) throw new TypeError(`an instance has no field ${name}`);
    if (!fits(value)) throw new TypeError(says);
  }
  return Object.fromEntries(said);
}

/** @throws {TypeError} likewise */
export function checkedLauncher({ service, name, data = {}, defaultVersion }: NewLauncher) {
  const list = (Array.isArray(data) ? data : [data]) as readonly Readonly<Record<string, unknown>>[];
  if (service !== 'ecs' && service !== 'cvm') throw new TypeError('service is ecs | cvm: ENS has no templates');
  if (!isText(name) || name === '') throw new TypeError('name is missing');
  if (list.length === 0 || !list.every(isObject)) throw new TypeError('data is an object, or a list of some');
  const numbers = list.map((_, i) => i + 1);
  if (defaultVersion !== undefined && !numbers.includes(defaultVersion))
    throw new TypeError(`defaultVersion is a number from 1 to ${list.length}`);
  return { name, data: list, ...(defaultVersion !== undefined && { defaultVersion }) };
}

/** @throws {TypeError} likewise */
export const placed = ({ service, region, account }: Owned, credentials: readonly Credential[]): Place =>
  placeOf({ service, ...(region !== undefined && { region }), ...(account !== undefined && { account }) }, credentials);
