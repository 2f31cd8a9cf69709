// What a deployment says about itself, in environment variables. A missing or wrong one stops the function at its start.
import * as z from 'zod/mini';
import { originForm, originsIn } from '../application/cors.ts';
import {
  checkedBy,
  type Environment,
  filled,
  maybeOrigin,
  url,
  type Variables,
  wrongVariables,
} from '../environment.ts';
import { ledgers } from '../ledger/ledger-table.ts';
import { decimal, wholeNumber } from '../numbers.ts';
import { cloudVariableOf, providerNames, rowOf, variableOf } from '../provider-table.ts';
import { tagsIn } from '../secret-traits.ts';
import { stores } from '../secrets/store-table.ts';
import { keySizes, keySources } from '../vending/key-source.ts';
import { leastTimes, refuseWhatCannotWork } from './least-times.ts';
import { platforms } from './platform-table.ts';

const milliseconds = (usual: number) => z._default(wholeNumber(1), usual);

/** The variables of every deployment, whatever it runs on. */
const common = () => ({
  /** Which of several keyvends this is: the value of the tag on its pairs and secrets. */
  KEYVEND_DEPLOYMENT: z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,31}$/)),
  /** Who may do what: a file that `keyvend access compile` made, or the words that every valid token may do everything. */
  KEYVEND_ACCESS: filled(),
  /** Whether requests count that the gateway took for signed by a user or a role of AWS. */
  KEYVEND_AWS_CALLERS: z._default(z.literal(['true', 'false']), 'false'),
  KEYVEND_ISSUER: filled(),
  KEYVEND_AUDIENCE: filled(),
  KEYVEND_JWKS_URI: url(),
  /** How long the issuer's keys are used before they are asked for again: a key that it withdraws stops within this time. */
  KEYVEND_KEYS_FRESH_SECONDS: z._default(wholeNumber(1, 3_600), 300),
  /** A token that is valid for longer is refused. Cognito's longest is a day. */
  KEYVEND_TOKEN_LIFETIME_SECONDS: z._default(wholeNumber(1), 86_400),
  /** Refuses keys that no evidence proves, instead of recording them as unverified. */
  KEYVEND_STRICT: z._default(z.literal(['true', 'false']), 'false'),
  KEYVEND_KEY_SOURCE: z._default(z.enum(keySources), 'create'),
  KEYVEND_KEY_BITS: z._default(z.literal(keySizes.map(String)), '2048'),
  /** Whether this function may read stored keys. `false` for one that needs none: it leaves to recovery what it cannot settle without. */
  KEYVEND_READS_KEYS: z._default(z.literal(['true', 'false']), 'true'),
  /** Tags of every secret beside keyvend's own, as a JSON object; none where it is empty. */
  KEYVEND_SECRET_TAGS: z._default(z.string().check(z.refine((said) => tagsIn(said) !== undefined)), ''),
  KEYVEND_LEASE_MS: milliseconds(35_000),
  KEYVEND_TAKE_OVER_MS: milliseconds(60_000),
  KEYVEND_HORIZON_MS: milliseconds(20 * 60_000),
  KEYVEND_ABSENT_TWICE_MS: milliseconds(30_000),
  /** A key older than this is rotated automatically, unless its own policy says otherwise; 0 for never. */
  KEYVEND_MAX_AGE_DAYS: z._default(decimal(3_650), 0),
  /** The last share of that age over which rotations by it are spread, each key pair at a moment of its own; 0 for none. */
  KEYVEND_AGE_SPREAD: z._default(decimal(1), 0.25),
  /** The origins of web pages that may call the API, separated by commas or blanks: `https://portal.example.com`. None where it is empty. */
  KEYVEND_CORS_ORIGINS: z._default(
    z.string().check(z.refine((said) => [...originsIn(said)].every((origin) => originForm.test(origin)))),
    '',
  ),
  /** Where metrics go: lines of the log in CloudWatch's embedded format, or nowhere. A server has its own (KEYVEND_METRICS_LISTEN). */
  KEYVEND_METRICS: z._default(z.literal(['none', 'embedded']), 'none'),
  /** A file of PEM certificates to trust, for local clouds. */
  KEYVEND_CA_FILE: z.optional(z.string()),
});

/**
 * Of each provider: key pairs a region can hold (0 for not known), and a host instead of the cloud's own. Of its cloud: the
 * signature window, and hosts instead of that of its security token service, which tells whose an access key is, of its auto scaling, and of what lists its regions.
 */
const ofProviders = (): Readonly<Record<string, z.ZodMiniType<number | string | undefined>>> =>
  Object.fromEntries(
    providerNames.flatMap((provider) => {
      const { quota, signatureWindowMs } = rowOf(provider);
      return [
        [variableOf(provider, 'QUOTA'), z._default(wholeNumber(0), quota)],
        [variableOf(provider, 'ENDPOINT'), maybeOrigin()],
        [cloudVariableOf(provider, 'WINDOW_MS'), milliseconds(signatureWindowMs)],
        [cloudVariableOf(provider, 'STS_ENDPOINT'), maybeOrigin()],
        [cloudVariableOf(provider, 'SCALING_ENDPOINT'), maybeOrigin()],
        [cloudVariableOf(provider, 'REGION_ENDPOINT'), maybeOrigin()],
      ];
    }),
  );

/** What every deployment has; platform, ledger and store find their own variables beside it. */
export type Configuration = z.infer<z.ZodMiniObject<ReturnType<typeof common>>> & {
  readonly [variable: string]: number | string | undefined;
};

interface Row {
  readonly machines: 'one' | 'many' | 'as its ledger';
  readonly variables: Variables;
  /** Of a platform: where its messages wait. */
  readonly queues?: 'sqs' | 'inbox';
  /** Of a platform: which ones it works with, where not with any. */
  readonly ledgers?: readonly string[];
  readonly stores?: readonly string[];
  /** Of a ledger: whether messages can be kept beside it. */
  readonly inbox?: true;
  /** Of a store: how many tags of one's own a secret can have. */
  readonly mostTags?: number;
  /** Refuses what does not fit together in its variables. */
  readonly refuse?: (values: Readonly<Record<string, unknown>>) => void;
}
const choices: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  KEYVEND_PLATFORM: platforms,
  KEYVEND_LEDGER: ledgers,
  KEYVEND_STORE: stores,
};
/** Each is spelled out: a packager that is given one of them (serverless.yml) puts it here, and then there is no other. */
const packaged: Environment = {
  KEYVEND_PLATFORM: process.env.KEYVEND_PLATFORM,
  KEYVEND_LEDGER: process.env.KEYVEND_LEDGER,
  KEYVEND_STORE: process.env.KEYVEND_STORE,
};

interface Chosen extends Row {
  readonly variable: string;
  readonly name: string;
}

/** Platform, ledger and store, each chosen by itself. @throws {TypeError} naming those that are not a choice */
function chosenIn(environment: Environment): readonly Chosen[] {
  const all = Object.entries(choices).map(([variable, rows]) => {
    const name = environment[variable] ?? '';
    const row = Object.hasOwn(rows, name) && (packaged[variable] ?? name) === name ? rows[name] : undefined;
    return { variable, name, row };
  });
  const wrong = all.filter(({ row }) => row === undefined);
  if (wrong.length > 0) throw wrongVariables(wrong.map(({ variable }) => variable));
  return all.map(({ row, ...choice }) => ({ ...choice, ...row! }));
}

/** @throws {TypeError} for a choice that there is not, or that does not fit the others */
export function variablesOf(environment: Environment): ReturnType<Variables> {
  const chosen = chosenIn(environment);
  refuseUnfit(chosen);
  const own = chosen.map(({ variable, name, variables }) => ({ [variable]: z.literal(name), ...variables() }));
  const [platform, ledger, store] = own;
  // In this order: of AWS's variables, a server or a store in a folder may do without, and a ledger that has them must have them.
  return Object.assign({}, common(), ofProviders(), platform, store, ledger);
}

/** The variables of all that could be chosen: one of something that was not is left over, and no mistake. */
export const everyVariable = (): ReadonlySet<string> =>
  new Set([
    ...Object.keys({ ...common(), ...ofProviders() }),
    ...Object.values(choices).flatMap((rows) =>
      Object.values(rows).flatMap(({ variables }) => Object.keys(variables())),
    ),
  ]);

/** @throws {TypeError} naming the two that do not go together */
function refuseUnfit(chosen: readonly Chosen[]): void {
  const [platform, ledger, store] = chosen as [Chosen, Chosen, Chosen];
  const many = platform.machines === 'as its ledger' ? ledger : platform;
  const unfit = [ledger, store].find(({ machines }) => many.machines === 'many' && machines === 'one');
  if (unfit !== undefined)
    throw new TypeError(
      `${unfit.variable}=${unfit.name} works on one machine only, and ${many.variable}=${many.name} runs on many: choose another`,
    );
  if (platform.queues === 'inbox' && ledger.inbox !== true)
    throw new TypeError(
      `${platform.variable}=${platform.name} keeps its messages beside its ledger, and ${ledger.variable}=${ledger.name} has no place for them: choose another`,
    );
  const { ledgers = [ledger.name], stores = [store.name] } = platform;
  for (const [{ variable, name }, fit] of [[ledger, ledgers] as const, [store, stores] as const])
    if (!fit.includes(name))
      throw new TypeError(
        `${platform.variable}=${platform.name} does not work with ${variable}=${name}: choose another, ${fit.join(' or ')}`,
      );
}

/** Whether leases are held on machines whose clocks differ. */
function onManyMachines(chosen: readonly Chosen[]): boolean {
  const [platform, ledger] = chosen as [Chosen, Chosen];
  return (platform.machines === 'as its ledger' ? ledger : platform).machines === 'many';
}

/** @throws {TypeError} */
function refuseUnfitTags({ KEYVEND_SECRET_TAGS: said }: Configuration, chosen: readonly Chosen[]): void {
  const store = chosen.find(({ variable }) => variable === 'KEYVEND_STORE')!;
  const { mostTags = 0 } = store;
  if (Object.keys(tagsIn(said) ?? {}).length <= mostTags) return;
  const can = mostTags === 0 ? 'keeps no tags' : `has room for ${mostTags} on a secret`;
  throw new TypeError(`KEYVEND_SECRET_TAGS has more tags than can be kept: KEYVEND_STORE=${store.name} ${can}`);
}

/**
 * @throws {TypeError} naming every variable that is missing or wrong, and no value; or what does not fit together; or the times that
 * cannot work, with the least that do
 */
export function configurationFrom(environment: Environment): Configuration {
  const configuration = checkedBy(z.object(variablesOf(environment)), environment) as unknown as Configuration;
  const chosen = chosenIn(environment);
  for (const { refuse } of chosen) refuse?.(configuration);
  refuseUnfitTags(configuration, chosen);
  refuseWhatCannotWork(configuration, leastTimes(configuration, onManyMachines(chosen)));
  return configuration;
}
