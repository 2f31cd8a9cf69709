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

const PROFILE = 'the profile that keyvend login saved';
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
  if (saved !== undefined) return { kind: 'http', url: deploymentUrl(saved), by: PROFILE };
  return { kind: 'here', by: 'what runs here' };
}

let last: Called | undefined;
/** The deployment that this command called, for whoever has to say that it did not answer. */
export const lastCalled = (): Called | undefined => last;

export interface Called {
  readonly url: string;
  readonly by: string;
  readonly token: () => Promise<string>;
  /** Where the token is from. */
  readonly tokenFrom: string;
}

/**
 * A deployment to be called over HTTP. KEYVEND_CONFIG and KEYVEND_PLATFORM say where a ledger and keys are, and no address: whoever reads
 * keys with them is signed in somewhere all the same.
 */
export function called(given: Pick<Given, 'url' | 'tokenFile'>): Called {
  last = withToken(given);
  return last;
}

function withToken(given: Pick<Given, 'url' | 'tokenFile'>): Called {
  const { url, by, home } = addressFor(given);
  const { KEYVEND_TOKEN: fixed = '' } = process.env;
  const { tokenFile } = given;
  if (tokenFile !== undefined) return { url, by, token: async () => tokenIn(tokenFile), tokenFrom: '--token-file' };
  if (fixed !== '') return { url, by, token: async () => fixed, tokenFrom: 'KEYVEND_TOKEN' };
  if (home !== undefined)
    return { url, by, token: async () => tokenIn(join(home, 'token')), tokenFrom: 'the file token of what runs here' };
  const token = async () => (await import('./refresh.ts')).freshToken(url);
  return { url, by, token, tokenFrom: 'keyvend login' };
}

/** @returns with the folder of what runs here, where that is what is called */
function addressFor(given: Pick<Given, 'url'>): { url: string; by: string; home?: string } {
  const target = targetOf(given);
  if (target.kind === 'http') return target;
  const { KEYVEND_HOME: said } = process.env;
  const home = resolve(said ?? '.keyvend');
  const here = addressIn(home);
  if (said !== undefined && here !== undefined) return { url: here, by: 'KEYVEND_HOME', home };
  const saved = profileUrl();
  if (saved !== undefined) return { url: deploymentUrl(saved), by: PROFILE };
  if (here !== undefined) return { url: here, by: 'what runs here', home };
  throw new CommandError('no deployment is named; give --url or KEYVEND_URL, or sign in: keyvend login --url URL', 2);
}

/** What `npm start` wrote there. */
function addressIn(home: string): string | undefined {
  try {
    return deploymentUrl(readFileSync(join(home, 'address'), 'utf8').trim());
  } catch {
    return undefined;
  }
}

function tokenIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new CommandError('there is no token to read in that file', 4);
  }
}
