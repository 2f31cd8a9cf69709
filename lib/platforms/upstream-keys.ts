// The clouds' access keys where they are given to a process: as JSON in its configuration, or as a folder of files.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VendingError } from '../errors.ts';
import { accountRule } from '../identity.ts';
import { type ProviderName, providerNames } from '../provider-table.ts';
import { Secret } from '../secret.ts';

/** The JSON of an account's access key; undefined where there is no such account. */
export type UpstreamKey = (provider: ProviderName, account: string) => Promise<Secret | undefined>;

/** @param json by provider, then by account @throws {TypeError} which says nothing of what it holds */
export function keysIn(json: string): UpstreamKey {
  const keys = parsed(json);
  return async (provider, account) => {
    const accounts = keys[provider] ?? {};
    // `constructor` is a name that an account may have, and every object has something under it.
    return Object.hasOwn(accounts, account) ? new Secret(JSON.stringify(accounts[account])) : undefined;
  };
}

function parsed(json: string): Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>> {
  try {
    const keys: unknown = JSON.parse(json);
    if (typeof keys === 'object' && keys !== null) return keys as ReturnType<typeof parsed>;
  } catch {}
  throw new TypeError('missing or wrong in the environment: KEYVEND_UPSTREAM');
}

/** @param folder `<provider>/<account>.json`; read each time, since whoever renews a key writes the file anew */
export const keysUnder =
  (folder: string): UpstreamKey =>
  async (provider, account) => {
    try {
      return new Secret(await readFile(join(folder, provider, `${account}.json`), 'utf8'));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      throw new VendingError('CREDENTIALS_REFUSED', `The account's access key cannot be read (${code})`);
    }
  };

export interface Account {
  readonly provider: ProviderName;
  readonly account: string;
}

/** Every account that there is a key for. @param folder as `keysUnder` */
export async function accountsIn(json: string, folder: string | undefined): Promise<readonly Account[]> {
  const keys = parsed(json);
  const inFolder = async (provider: ProviderName) =>
    folder === undefined ? [] : (await readdir(join(folder, provider)).catch(() => [])).filter(isKeyFile);
  const all = await Promise.all(
    providerNames.map(async (provider) => [
      ...Object.keys(keys[provider] ?? {}),
      ...(await inFolder(provider)).map((file) => file.slice(0, -'.json'.length)),
    ]),
  );
  return providerNames.flatMap((provider, i) => [...new Set(all[i])].sort().map((account) => ({ provider, account })));
}

const isKeyFile = (file: string) => file.endsWith('.json') && accountRule.test(file.slice(0, -'.json'.length));
