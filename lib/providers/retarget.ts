// Making a launch template name another pair: a copy of its default version with that pair becomes the default. Templates are made
// of versions that never change, so whoever uses one by its number keeps what it had.
import { isDeepStrictEqual } from 'node:util';
import { VendingError } from '../errors.ts';
import type { Reference } from './fleet.ts';

export interface CopyableVersion {
  readonly number: number;
  readonly isDefault: boolean;
  readonly description: string;
  /** What it launches, in the cloud's words. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Template<Version extends CopyableVersion> {
  versions(): Promise<readonly Version[]>;
  /** Whether a version names the pair that it should. */
  namesIt(version: Version): boolean;
  /** What in a version's data may be another in its copy. */
  readonly differs: readonly string[];
  /** Makes a version like this one, with the other pair. @returns its number */
  copy(version: Version, description: string): Promise<number>;
  makeDefault(number: number): Promise<void>;
}

/**
 * Sends what is missing and nothing else, so that it can be tried again whatever came of the last try.
 * @throws {TypeError} for a reference that is not a template's default version
 */
export async function retargetTemplate<Version extends CopyableVersion>(
  { version: from, isDefault }: Reference,
  template: Template<Version>,
): Promise<{ readonly version: number }> {
  if (from === undefined || isDefault !== true) throw new TypeError('only a default version is replaced by another');
  const versions = await template.versions();
  const current = versions.find((version) => version.isDefault);
  if (current !== undefined && template.namesIt(current)) return { version: current.number };
  if (current?.number !== from) throw refusal('The template has another default version by now');

  const description = `keyvend: version ${from} with another key pair`;
  const isCopy = (version: Version) => version.description === description && template.namesIt(version);
  // A copy whose answer was lost is there all the same.
  if (!versions.some(isCopy)) await template.copy(current, description);
  const copy = (await template.versions()).find(isCopy);
  // What the cloud shows of a version may be less than what is in it, and what it takes for a new one less than what it shows.
  if (copy === undefined || !isDeepStrictEqual(told(copy, template), told(current, template)))
    throw refusal("The copy of the template's version is not like it, and was not made the default");
  await template.makeDefault(copy.number);
  return { version: copy.number };
}

const refusal = (what: string) => new VendingError('CLOUD_REFUSED', what);

/** Without what may differ, and without what says nothing: a cloud may leave that out, or show it empty. */
const told = <Version extends CopyableVersion>({ data }: Version, { differs }: Template<Version>): unknown =>
  withoutEmpty(Object.fromEntries(Object.entries(data).filter(([name]) => !differs.includes(name))));

export function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value === null || value === '' ? undefined : value;
  const fields = Object.entries(value)
    .map(([name, inner]) => [name, withoutEmpty(inner)] as const)
    .filter(([, inner]) => inner !== undefined);
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}
