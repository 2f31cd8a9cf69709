// Every platform, one row each. A platform is its row here and a folder of its name, with the same files in each: http.ts and
// queue.ts say how an event becomes a request or a message and what goes back, ports.ts which ports are real, configuration.ts
// which environment variables it needs.
import type { Checked, Variables } from '../environment.ts';
import type { ledgers } from '../ledger/ledger-table.ts';
import type { stores } from '../secrets/store-table.ts';
import { awsPlatformVariables } from './aws/configuration.ts';
import { fcPlatformVariables, refuseUnfitFc } from './fc/configuration.ts';
import { localPlatformVariables } from './local/configuration.ts';
import { refuseUnfitServe, servePlatformVariables } from './serve/configuration.ts';

interface PlatformRow {
  /**
   * Whether it runs on several machines; then ledger and store must be ones that several machines can share. Where that is for its
   * ledger to say, the store must go with the ledger.
   */
  readonly machines: 'one' | 'many' | 'as its ledger';
  /** Where its messages wait: in SQS, or in tables beside the ledger. */
  readonly queues: 'sqs' | 'inbox';
  /** Which ledgers it works with, where not with every one that goes with its machines and queues. What is packaged has one of each in it. */
  readonly ledgers?: readonly (keyof typeof ledgers)[];
  /** Likewise which stores. */
  readonly stores?: readonly (keyof typeof stores)[];
  readonly variables: Variables;
  /** @throws {TypeError} for what does not fit together */
  readonly refuse?: (values: Readonly<Record<string, unknown>>) => void;
  /** Where commands look when they are told the platform alone. */
  readonly usual: { readonly ledger: keyof typeof ledgers; readonly store: keyof typeof stores };
}

export const platforms = {
  aws: {
    machines: 'many',
    queues: 'sqs',
    ledgers: ['dynamodb'],
    stores: ['secrets-manager'],
    variables: awsPlatformVariables,
    usual: { ledger: 'dynamodb', store: 'secrets-manager' },
  },
  local: {
    machines: 'one',
    queues: 'sqs',
    variables: localPlatformVariables,
    usual: { ledger: 'sqlite', store: 'embedded' },
  },
  serve: {
    machines: 'as its ledger',
    queues: 'inbox',
    variables: servePlatformVariables,
    refuse: refuseUnfitServe,
    usual: { ledger: 'sqlite', store: 'embedded' },
  },
  fc: {
    machines: 'many',
    queues: 'inbox',
    ledgers: ['postgres'],
    // Secrets Manager would need an access key of AWS's in a variable, which everybody can read who may look at a function.
    stores: ['kv', 'kms'],
    variables: fcPlatformVariables,
    refuse: refuseUnfitFc,
    usual: { ledger: 'postgres', store: 'kms' },
  },
} as const satisfies Readonly<Record<string, PlatformRow>>;

export type PlatformConfiguration<N extends keyof typeof platforms> = Checked<(typeof platforms)[N]['variables']>;
