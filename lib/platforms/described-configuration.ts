// What an environment comes to, for whoever set it: what is set and what is usual, what is off and how it is switched on, and what would
// stop a function at its start. Nothing is opened and nobody is asked.
import * as z from 'zod/mini';
import { OPEN } from '../access/access-document.ts';
import type { Environment } from '../environment.ts';
import { providerNames, variableOf } from '../provider-table.ts';
import { configurationFrom, variablesOf } from './configuration.ts';
import { rotationConfiguration, rotationConfigurationFrom } from './rotation-configuration.ts';

interface Described {
  /** By variable; a secret's value is `(set)`. */
  readonly set: Readonly<Record<string, string>>;
  readonly usual: Readonly<Record<string, string>>;
  readonly off: readonly string[];
  /** One sentence each, with names and without secrets. */
  readonly refused: readonly string[];
}

const secret: ReadonlySet<string> = new Set([
  'KEYVEND_UPSTREAM',
  'KEYVEND_POSTGRES_URL',
  'KEYVEND_QUEUE_KEY',
  'KEYVEND_WEBHOOK_SECRET',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
]);

interface Feature {
  readonly variable: string;
  readonly off: string;
  readonly says: string;
}
/** A row for each thing that is not done unless somebody sets it. */
const features: readonly Feature[] = [
  {
    variable: 'KEYVEND_MAX_AGE_DAYS',
    off: '0',
    says: 'rotation by age, but for policies with an age of their own: set KEYVEND_MAX_AGE_DAYS',
  },
  {
    variable: 'KEYVEND_HOST_NETWORKS',
    off: '',
    says: 'logging in on hosts, so rotations that list any are refused: set KEYVEND_HOST_NETWORKS',
  },
  ...providerNames.map((provider) => ({
    variable: variableOf(provider, 'QUOTA'),
    off: '0',
    says: `warnings before a region of ${provider} is full: set ${variableOf(provider, 'QUOTA')}`,
  })),
  {
    variable: 'KEYVEND_ACCESS',
    off: OPEN,
    says: 'rules on who may do what, so every valid token may do everything: set KEYVEND_ACCESS to an access document',
  },
  {
    variable: 'KEYVEND_STRICT',
    off: 'false',
    says: 'refusing keys that no evidence of the cloud proves; they are recorded as unverified: set KEYVEND_STRICT=true',
  },
  { variable: 'KEYVEND_AWS_CALLERS', off: 'false', says: 'requests that AWS signs: set KEYVEND_AWS_CALLERS=true' },
];

/** @param others variables that programs beside the functions read */
export function describedConfiguration(environment: Environment, others: readonly string[]): Described {
  const refused: string[] = [];
  const attempt = (check: () => unknown) => {
    try {
      check();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      refused.push(error.message);
    }
  };
  let rules: Readonly<Record<string, z.ZodMiniType>> = {};
  attempt(() => {
    rules = { ...variablesOf(environment), ...rotationConfiguration(environment.KEYVEND_PLATFORM).shape };
  });
  // What does not go together at all is said by that alone.
  if (Object.keys(rules).length > 0) {
    attempt(() => configurationFrom(environment));
    attempt(() => rotationConfigurationFrom(environment, environment.KEYVEND_PLATFORM));
  }
  const known = new Set([...Object.keys(rules), ...others]);
  for (const name of Object.keys(rules).length > 0 ? Object.keys(environment) : [])
    if (name.startsWith('KEYVEND_') && environment[name] !== undefined && !known.has(name))
      refused.push(`nobody knows ${name}`);
  const set: Record<string, string> = {};
  const usual: Record<string, string> = {};
  const value = new Map<string, string>();
  for (const [name, rule] of Object.entries(rules)) {
    const given = environment[name];
    const { success, data } = z.safeParse(rule, given);
    if (success && data !== undefined) value.set(name, String(data));
    if (given !== undefined) set[name] = secret.has(name) ? '(set)' : given;
    else if (success && data !== undefined) usual[name] = String(data);
  }
  const off = features.filter(({ variable, off: at }) => value.get(variable) === at).map(({ says }) => says);
  return { set, usual, off, refused };
}
