// Who may do what here: by the document at a path, by one that is given itself, or by the words that there is none.
import { readFileSync } from 'node:fs';
import { type Access, accessFrom } from '../access/access.ts';
import { OPEN } from '../access/access-document.ts';
import { configuration } from './checked-configuration.ts';

/** @throws {TypeError} for a path where no checked document is */
function documentAt(path: string): string {
  if (path.startsWith('{')) return path;
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new TypeError(
      `KEYVEND_ACCESS names no file that can be read: write an access document, or say "${OPEN}" in these words`,
    );
  }
}

const { KEYVEND_ACCESS: said } = configuration;
export const access: Access = accessFrom(said === OPEN ? said : documentAt(said));
