// What this process goes by, in a form that can be kept beside the records and compared: a digest for each variable, defaults filled
// in. A command in an operator's shell that goes by anything else would plan, show and settle by it.

import * as z from 'zod/mini';
import type { Digests } from '../application/one-configuration.ts';
import type { Environment } from '../environment.ts';
import { sha256 } from '../sha256.ts';
import { variablesOf } from './configuration.ts';
import { fcPlatformVariables } from './fc/configuration.ts';
import { rotationConfiguration } from './rotation-configuration.ts';
import { servePlatformVariables } from './serve/configuration.ts';

/** What depends on where a process runs, what it may read, and whose tokens it takes. None of it decides about a key pair. */
const ofTheProcess: ReadonlySet<string> = new Set([
  ...Object.keys(servePlatformVariables()),
  ...Object.keys(fcPlatformVariables()),
  'KEYVEND_ACCESS',
  'KEYVEND_AUDIENCE',
  'KEYVEND_AWS_CALLERS',
  'KEYVEND_CA_FILE',
  'KEYVEND_EVENTS_URL',
  'KEYVEND_HOME',
  'KEYVEND_ISSUER',
  'KEYVEND_JWKS_URI',
  'KEYVEND_KEYS_FRESH_SECONDS',
  'KEYVEND_POSTGRES_CA_FILE',
  'KEYVEND_POSTGRES_PASSWORD_FILE',
  'KEYVEND_POSTGRES_URL', // the digests are kept there, and a password in it changes
  'KEYVEND_QUEUE_KEY',
  'KEYVEND_READS_KEYS',
  'KEYVEND_ROTATION_QUEUE_URL',
  'KEYVEND_TABLE', // the digests are kept in it
  'KEYVEND_TOKEN_LIFETIME_SECONDS',
  'KEYVEND_UPSTREAM', // access keys
]);
const decides = (name: string) => name.startsWith('KEYVEND_') && !name.endsWith('_ENDPOINT') && !ofTheProcess.has(name);

/** @param parts `rotation` for processes that have the variables of rotation as well */
export function ownConfiguration(environment: Environment, parts: 'all' | 'without rotation'): Digests {
  const rotation = parts === 'all' ? rotationConfiguration(environment.KEYVEND_PLATFORM).shape : {};
  const variables = Object.entries<z.ZodMiniType>({ ...variablesOf(environment), ...rotation });
  return Object.fromEntries(
    variables
      .filter(([name]) => decides(name))
      .map(([name, rule]) => {
        const checked = z.safeParse(rule, environment[name]);
        return [name, digestOf(checked.success ? checked.data : environment[name])];
      }),
  );
}

const digestOf = (value: unknown): string =>
  sha256(JSON.stringify(value) ?? '')
    .toString('base64url')
    .slice(0, 16);
