// CloudFormation's words, and the names that functions, roles, queues and alarms share.
import { type ProviderName, providerNames } from '../lib/provider-table.ts';

export type Value = string | number | boolean | { readonly [key: string]: Value } | readonly Value[];
export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, Value>>;
  readonly DeletionPolicy?: 'Retain';
  readonly UpdateReplacePolicy?: 'Retain';
  readonly Condition?: string;
}
export type Resources = Readonly<Record<string, Resource>>;
/** What is added to resources that the framework makes. */
export type Extensions = Readonly<
  Record<string, Pick<Resource, 'Properties'> & { readonly DependsOn?: readonly string[] }>
>;

export type Provider = ProviderName;
/** Whose queue it is: a provider's, or the rotation worker's. */
export type QueueOwner = Provider | 'rotation';
export const queueOwners: readonly QueueOwner[] = [...providerNames, 'rotation'];
/** `Ens`: how logical names begin. */
export const title = (word: string): string => `${word[0]!.toUpperCase()}${word.slice(1)}`;

/** Keys of `functions` in serverless.yml. */
export const vendingFunctions = providerNames.flatMap((provider) => [`${provider}Http`, `${provider}Queue`]);
/** The functions that log in on hosts. */
export const loggingInFunctions = ['rotationWorker', 'rotationSecretsManager'];
const scheduledFunctions = ['rotationDue', 'recoverySettle', 'recoveryCount', 'recoveryReconcile'];
export const allFunctions: readonly string[] = [
  ...vendingFunctions,
  'catalog',
  'lifecycle',
  'lifecycleFleet',
  ...loggingInFunctions,
  ...scheduledFunctions,
];

/** Stays when the stack is deleted, or when an update would replace it. */
export const kept = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' } as const;

export const ref = (name: string) => ({ Ref: name });
export const att = (name: string, attribute = 'Arn') => ({ 'Fn::GetAtt': [name, attribute] });
/** @param text with pseudo parameters such as `${AWS::Region}` */
export const sub = (text: string) => ({ 'Fn::Sub': text });
/** An ARN in this account and region. */
export const arn = (service: string, resource: string) =>
  sub(`arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`);

export const merged = (parts: readonly Resources[]): Resources => {
  const all: Record<string, Resource> = {};
  for (const [name, resource] of parts.flatMap((part) => Object.entries(part))) {
    if (name in all) throw new TypeError(`two resources are called ${name}`);
    all[name] = resource;
  }
  return all;
};

/** Two parts may add properties to one resource, as long as they are not the same. */
export function mergedExtensions(parts: readonly Extensions[]): Extensions {
  const all: Record<string, Extensions[string]> = {};
  for (const [name, added] of parts.flatMap((part) => Object.entries(part))) {
    const { Properties = {} } = all[name] ?? {};
    const twice = Object.keys(added.Properties ?? {}).find((property) => property in Properties);
    if (twice !== undefined) throw new TypeError(`two parts add ${twice} to ${name}`);
    all[name] = { ...all[name], ...added, Properties: { ...Properties, ...added.Properties } };
  }
  return all;
}
