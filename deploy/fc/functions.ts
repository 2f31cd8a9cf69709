// The functions on Alibaba Function Compute, one row each: what deploy/fc/s.yaml, the policies in deploy/policies/ram/fc and the alarms in
// deploy/fc/alarms.json are held to.
import { forEachProvider, type ProviderName, providerNames as providers, rowOf } from '../../lib/provider-table.ts';
import type { FeatureName } from '../../lib/providers/rights.ts';
import type { CodeFolder } from './folders.ts';

/** What a function does with stored keys. `make` shows none that is stored already. */
type Keys = 'none' | 'make' | 'settle' | 'compare' | 'make and read';

export type FcFunctionName =
  | ProviderName
  | 'catalog'
  | 'settle'
  | 'count'
  | 'reconcile'
  | 'due'
  | 'intake'
  | 'worker'
  | 'rotationworker'
  | 'sender';

export interface FcFunction {
  /** The folder below .package/fc. */
  readonly folder: CodeFolder;
  readonly timeoutS: number;
  readonly memoryMb: number;
  /** Over HTTP, on which methods; without it the function takes events alone. */
  readonly methods?: readonly ('GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS')[];
  /** The path of the custom domain that leads to it. */
  readonly path?: string;
  /** How often its timer calls it, and with what. */
  readonly timer?: { readonly minutes: number; readonly job: string };
  readonly keys: Keys;
  /** Whose keys it makes or looks at, and whose cloud it asks. */
  readonly serves: readonly ProviderName[];
  /** What it asks of a cloud of Alibaba's, where its role is the access key. */
  readonly asks: readonly FeatureName[];
  /** The functions that it calls without waiting for them. */
  readonly wakes: readonly FcFunctionName[];
  readonly publishes?: true;
  /** Whether it needs to know what a rotation goes by. */
  readonly rotates?: true;
}

/** A provider's function has all of its routes: those that look at instances first, too. */
const http = (provider: ProviderName): FcFunction => ({
  ...{ folder: provider, timeoutS: 30, memoryMb: 512, methods: ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'] },
  ...{ path: `/v1/${provider}/*`, keys: 'make', serves: [provider] },
  ...{ asks: ['vending', 'importing', 'holders', 'references', 'rebind'], wakes: ['rotationworker'], rotates: true },
});

const quiet = { keys: 'none', serves: [], asks: [], wakes: [] } as const;

export const fcFunctions: Readonly<Record<FcFunctionName, FcFunction>> & Readonly<Record<string, FcFunction>> = {
  ...forEachProvider(http),
  catalog: {
    ...{ folder: 'catalog', timeoutS: 30, memoryMb: 512, methods: ['GET', 'POST', 'PUT', 'OPTIONS'], path: '/*' },
    ...{ ...quiet, wakes: ['worker'], rotates: true },
  },
  settle: {
    ...{ folder: 'recovery', timeoutS: 300, memoryMb: 512, timer: { minutes: 1, job: 'settle' } },
    ...{ keys: 'settle', serves: providers, asks: ['vending'], wakes: ['sender'] },
  },
  count: {
    ...{ folder: 'recovery', timeoutS: 300, memoryMb: 512, timer: { minutes: 15, job: 'count' } },
    ...{ keys: 'none', serves: providers, asks: ['vending'], wakes: ['sender'] },
  },
  reconcile: {
    ...{ folder: 'recovery', timeoutS: 900, memoryMb: 1024, timer: { minutes: 15, job: 'reconcile' } },
    ...{ keys: 'compare', serves: providers, asks: ['vending', 'comparing'], wakes: ['sender'] },
  },
  due: {
    ...{ folder: 'rotation', timeoutS: 60, memoryMb: 512, timer: { minutes: 1, job: 'rotation-due' } },
    ...{ ...quiet, wakes: ['rotationworker', 'sender'], rotates: true },
  },
  intake: { folder: 'intake', timeoutS: 60, memoryMb: 512, ...quiet, wakes: ['worker', 'sender'] },
  worker: {
    ...{ folder: 'worker', timeoutS: 300, memoryMb: 512, timer: { minutes: 1, job: 'work' } },
    ...{ keys: 'make', serves: providers, asks: ['vending', 'importing'], wakes: ['sender'] },
  },
  rotationworker: {
    ...{ folder: 'rotation', timeoutS: 300, memoryMb: 1024, timer: { minutes: 1, job: 'rotate' } },
    ...{ keys: 'make and read', serves: providers, rotates: true, wakes: ['rotationworker', 'sender'] },
    asks: ['vending', 'importing', 'holders', 'references', 'updateTemplates', 'keepName', 'rebind'],
  },
  sender: {
    ...{ folder: 'sender', timeoutS: 120, memoryMb: 512, timer: { minutes: 1, job: 'send' } },
    ...{ ...quiet, publishes: true },
  },
};

export const functionName = (stage: string, name: string): string => `keyvend-${stage}-${name}`;

/** Whether a provider's cloud takes the function's own role for an access key. */
export const takesRole = (provider: ProviderName): boolean => rowOf(provider).cloud === 'alibaba';
