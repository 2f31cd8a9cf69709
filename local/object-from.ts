// A file of JSON or YAML that holds an object.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** @param file `-` for standard input @returns undefined where it cannot be read, or is none */
export function objectFrom(file: string): object | undefined {
  try {
    const text = readFileSync(file === '-' ? 0 : file, 'utf8');
    const value: unknown = parse(text, { strict: true, uniqueKeys: true, maxAliasCount: 0 });
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
