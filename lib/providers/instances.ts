// What the adapters of a fleet have in common: reading instances, and telling which of them were asked for.
import { isIP } from 'node:net';
import type { Instance } from './fleet.ts';
import type { Tags } from './provider.ts';

/** What answers as an address and is none is left out. */
export const addressesIn = (...values: readonly unknown[]): string[] => [
  ...new Set(
    values
      .flat()
      .filter((value): value is string => typeof value === 'string')
      .filter((value) => isIP(value) !== 0),
  ),
];

/** `part` at a time, in their order. */
export const inParts = <T>(all: readonly T[], part: number): readonly T[][] =>
  Array.from({ length: Math.ceil(all.length / part) }, (_, i) => all.slice(i * part, (i + 1) * part));

/** Where the service shows no tags, it alone can tell. */
export const carriesTags = ({ tags }: Instance, wanted: Tags = {}): boolean =>
  tags === undefined || Object.entries(wanted).every(([key, value]) => tags[key] === value);

/** Of several calls for parts of a list. */
export async function together<P, T>(parts: readonly P[], read: (part: P) => Promise<readonly T[]>): Promise<T[]> {
  const found: T[] = [];
  for (const part of parts) found.push(...(await read(part)));
  return found;
}
