// Which deployment a command means, and by which rule. What is said for this one command counts more than what was saved.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CommandError } from '../command-error.ts';
import type { Given } from '../commands/command.ts';
import { deploymentUrl, profileUrl } from './session.ts';

export type Target =
  /** Called over HTTP. */
  | { readonly kind: 'http'; readonly url: string; readonly by: string }
  /** Worked on straight: a server's configuration, an environment, or what `npm start` keeps in a folder. */
  | { readonly kind: 'here'; readonly by: string };

const HERE = ['KEYVEND_CONFIG', 'KEYVEND_PLATFORM', 'KEYVEND_HOME'] as const;

/** @throws {TypeError} for an address that is none */
export function targetOf({ url }: Pick<Given, 'url'>): Target {
  if (url !== undefined) return { kind: 'http', url: deploymentUrl(url), by: '--url' };
  const { KEYVEND_URL: said = '' } = process.env;
  if (said !== '') return { kind: 'http', url: deploymentUrl(said), by: 'KEYVEND_URL' };
  const variable = HERE.find((name) => process.env[name] !== undefined);
  if (variable !== undefined)
    return { kind: 'here', by: variable === 'KEYVEND_CONFIG' ? '--config or KEYVEND_CONFIG' : variable };
  const saved = profileUrl();
  if (saved !== undefined)
    return { kind: 'http', url: deploymentUrl(saved), by: 'the profile that keyvend login saved' };
  return { kind: 'here', by: 'what runs here' };
}

export interface Called {
  readonly url: string;
  readonly by: string;
  readonly token: () => Promise<string>;
  /** Where the token is from. */
  readonly tokenFrom: string;
}

/** A deployment to be called over HTTP: the one that is meant, or what `npm start` runs here. */
export function called(given: Pick<Given, 'url' | 'tokenFile'>): Called {
  const target = targetOf(given);
  const home = resolve(process.env.KEYVEND_HOME ?? '.keyvend');
  const url = target.kind === 'http' ? target.url : addressIn(home);
  const { KEYVEND_TOKEN: fixed = '' } = process.env;
  const { tokenFile } = given;
  if (tokenFile !== undefined)
    return { url, by: target.by, token: async () => tokenIn(tokenFile), tokenFrom: '--token-file' };
  if (fixed !== '') return { url, by: target.by, token: async () => fixed, tokenFrom: 'KEYVEND_TOKEN' };
  if (target.kind === 'here') {
    const file = join(home, 'token');
    return { url, by: target.by, token: async () => tokenIn(file), tokenFrom: 'the file token of what runs here' };
  }
  const token = async () => (await import('./refresh.ts')).freshToken(url);
  return { url, by: target.by, token, tokenFrom: 'keyvend login' };
}

function addressIn(home: string): string {
  try {
    return deploymentUrl(readFileSync(join(home, 'address'), 'utf8').trim());
  } catch {
    throw new CommandError('no deployment is named; give --url or KEYVEND_URL, or sign in: keyvend login --url URL', 2);
  }
}

function tokenIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new CommandError('there is no token to read in that file', 4);
  }
}
