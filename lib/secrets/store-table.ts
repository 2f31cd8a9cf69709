// Every secret store, one row each. A store is its row here and a folder of its name, where open.ts opens it and
// configuration.ts says which environment variables it needs.
import type { Checked, Variables } from '../environment.ts';
import type { TraitLimits } from '../secret-traits.ts';
import { embeddedVariables, refuseUnfitSeal } from './embedded/configuration.ts';
import { kmsReading, kmsVariables, refuseUnfitKms } from './kms/configuration.ts';
import { kvReading, kvVariables, refuseUnfitLogin } from './kv/configuration.ts';
import { secretsManagerReading, secretsManagerVariables } from './secrets-manager/configuration.ts';

interface StoreRow extends TraitLimits {
  /** Whether functions on several machines can share it. */
  readonly machines: 'one' | 'many';
  /** How many keys of one key pair it can keep at a time; absent for any number. */
  readonly mostVersions?: number;
  /** Whether it moves the label of what is current without a look at who has it. */
  readonly blindLabels?: boolean;
  /** Whether it drops the earliest version of a secret for each one too many, whatever label is on it. */
  readonly dropsEarliest?: boolean;
  /** Whether it takes a request however old it is, unless something was removed or changed since it was sent. */
  readonly agelessRequests?: boolean;
  readonly variables: Variables;
  /** Those of them that it needs to hand a key to its reader. */
  readonly reading: Variables;
  /** Refuses values that are right one by one and do not go together. @throws {TypeError} naming a variable, and no value of a secret */
  readonly refuse?: (values: Readonly<Record<string, unknown>>) => void;
}

export const stores = {
  // AWS permits 20 labels on all versions of a secret. Each has one of ours, and AWS and a rotation have three.
  'secrets-manager': {
    ...{ machines: 'many', mostVersions: 17, mostTags: 20, ownKeys: true },
    ...{ variables: secretsManagerVariables, reading: secretsManagerReading },
  },
  embedded: { machines: 'one', variables: embeddedVariables, reading: embeddedVariables, refuse: refuseUnfitSeal },
  // KMS permits 8 stages on all versions of a secret. Each key has one of ours, and KMS and a rotation have three. Of the 20 tags of a
  // secret, the longest identity takes six.
  kms: {
    ...{ machines: 'many', mostVersions: 5, dropsEarliest: true, blindLabels: true, mostTags: 14, ownKeys: true },
    ...{ variables: kmsVariables, reading: kmsReading, refuse: refuseUnfitKms },
  },
  kv: { machines: 'many', agelessRequests: true, variables: kvVariables, reading: kvReading, refuse: refuseUnfitLogin },
} as const satisfies Readonly<Record<string, StoreRow>>;

export const storeRowOf = (store: keyof typeof stores): StoreRow => stores[store];

/** What a store is opened with, whoever opens it. */
export type StoreConfiguration<N extends keyof typeof stores> = Checked<(typeof stores)[N]['reading']> &
  Partial<Checked<(typeof stores)[N]['variables']>> & {
    readonly KEYVEND_DEPLOYMENT: string;
    readonly KEYVEND_READS_KEYS?: 'true' | 'false';
  };
