// An access document from a file, as functions take it.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Compiled, compile, WrongDocument } from '../lib/access/compile.ts';

/** @param file YAML, or JSON, which is YAML as well @throws {WrongDocument} */
export function compiledFile(file: string): Compiled {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new WrongDocument(['the file: cannot be read']);
  }
  try {
    return compile(parse(text, { strict: true, uniqueKeys: true, maxAliasCount: 0 }));
  } catch (error) {
    if (error instanceof WrongDocument) throw error;
    throw new WrongDocument([
      `the file: is not YAML that can be read (${(error as { code?: string }).code ?? 'unreadable'})`,
    ]);
  }
}
