// Who may do what here: by the document at a path, by one that is given itself, or by the words that there is none.
import { readFileSync } from 'node:fs';
import { type Access, accessFrom } from '../access/access.ts';
import { OPEN } from '../access/access-document.ts';
import { storeRowOf, type stores } from '../secrets/store-table.ts';
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

/** @throws {TypeError} where secrets are to have a key that the store cannot use */
function fitting(access: Access, store: string): Access {
  const [grant] = access.withSecretKey;
  if (grant === undefined || storeRowOf(store as keyof typeof stores).ownKeys === true) return access;
  throw new TypeError(`KEYVEND_STORE=${store} encrypts with no key of one's own, and grant ${grant} has a secretKey`);
}

const { KEYVEND_ACCESS: said, KEYVEND_STORE: store } = configuration;
export const access: Access = fitting(accessFrom(said === OPEN ? said : documentAt(said)), String(store));
