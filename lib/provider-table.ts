// Every provider, one row of data each: what its key-pair service takes and how it behaves, as far as anyone but its adapter
// must know. A provider is its row here and a folder of its name in providers/; every other list of them is derived from here.
// Source: CreateKeyPair, DescribeKeyPairs and DeleteKeyPairs of ENS 2017-11-10, ECS 2014-05-26 and CVM 2017-03-12.

/** What a request may say besides account, region and name. */
export type RequestField = 'tags' | 'resourceGroupId' | 'projectId';

interface ProviderRow {
  /** The cloud whose service it is. It names a setting that the cloud's providers share: `KEYVEND_ALIBABA_WINDOW_MS`. */
  readonly cloud: string;
  /** What its access keys look like, and which credentials of the local clouds it takes. */
  readonly credentials: 'alibaba' | 'tencent';
  /** Where there is only one, key pairs are in the region `global`, and no request names it. */
  readonly regions: 'global' | 'many';
  /** The rule for a name, and how many characters the longest has. */
  readonly name: { readonly pattern: RegExp; readonly longest: number };
  readonly fields: Readonly<Partial<Record<RequestField, 'required' | 'optional'>>>;
  /** What a delete goes by. By name, it deletes whichever pair has that name when it arrives. */
  readonly removesBy: 'id' | 'name';
  /** Whether a create's answer shows the pair's public key; else the pair is looked at before it counts. */
  readonly createShowsKey: boolean;
  /** How coarse the time is at which a pair is said to have been created. */
  readonly createdAtPrecisionMs: number;
  /** How long the service carries out a request after it was signed. */
  readonly signatureWindowMs: number;
  /** How many calls of one action it takes a second of one account; absent where that is not published, and then they are not limited. */
  readonly callsPerSecond?: number;
  /** How many key pairs a region can hold; 0 where that is not published. */
  readonly quota: number;
}

const MINUTE_MS = 60_000;

/** ENS and ECS have the same rule. */
const alibabaName = { pattern: /^(?!https?:\/\/)[A-Za-z][A-Za-z0-9:_-]{1,127}$/, longest: 128 } as const;

export const providers = {
  ens: {
    cloud: 'alibaba',
    credentials: 'alibaba',
    regions: 'global',
    name: alibabaName,
    fields: {},
    removesBy: 'id',
    createShowsKey: false,
    createdAtPrecisionMs: 1_000,
    signatureWindowMs: 15 * MINUTE_MS,
    quota: 0,
  },
  ecs: {
    cloud: 'alibaba',
    credentials: 'alibaba',
    regions: 'many',
    name: alibabaName,
    fields: { resourceGroupId: 'optional', tags: 'optional' },
    removesBy: 'name',
    createShowsKey: false,
    createdAtPrecisionMs: MINUTE_MS,
    signatureWindowMs: 15 * MINUTE_MS,
    quota: 500,
  },
  cvm: {
    cloud: 'tencent',
    credentials: 'tencent',
    regions: 'many',
    name: { pattern: /^[A-Za-z0-9_]{1,25}$/, longest: 25 },
    fields: { projectId: 'required', tags: 'optional' },
    removesBy: 'id',
    createShowsKey: true,
    createdAtPrecisionMs: 1_000,
    signatureWindowMs: 5 * MINUTE_MS,
    callsPerSecond: 10,
    quota: 0,
  },
} as const satisfies Readonly<Record<string, ProviderRow>>;

export type ProviderName = keyof typeof providers;
export const providerNames = Object.keys(providers) as readonly ProviderName[];

export const isProvider = (word: unknown): word is ProviderName =>
  typeof word === 'string' && Object.hasOwn(providers, word);

export const rowOf = (provider: ProviderName): ProviderRow => providers[provider];

/** One value for each provider, by the same function. */
export const forEachProvider = <T>(of: (provider: ProviderName) => T): Readonly<Record<ProviderName, T>> =>
  Object.fromEntries(providerNames.map((provider) => [provider, of(provider)])) as Record<ProviderName, T>;

/** Where pairs carry no tags, ownership must be told from a pair's id and age. */
export const hasTags = (provider: ProviderName): boolean => rowOf(provider).fields.tags !== undefined;

/** The region of a provider that has only one. */
export const GLOBAL = 'global';
export const isGlobal = (provider: ProviderName): boolean => rowOf(provider).regions === 'global';

/** The environment variable of one provider's setting: `KEYVEND_ECS_QUOTA`. */
export const variableOf = (provider: ProviderName, setting: 'ENDPOINT' | 'QUOTA'): string =>
  `KEYVEND_${provider.toUpperCase()}_${setting}`;
/** Likewise for its cloud: `KEYVEND_ALIBABA_WINDOW_MS`. */
export const cloudVariableOf = (
  provider: ProviderName,
  setting: 'WINDOW_MS' | 'STS_ENDPOINT' | 'SCALING_ENDPOINT' | 'REGION_ENDPOINT',
): string => `KEYVEND_${rowOf(provider).cloud.toUpperCase()}_${setting}`;
