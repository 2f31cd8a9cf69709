// The policies in deploy/policies for the access keys of the clouds: for each provider and feature, and for all of a provider's features.
// Written by docs/refresh.ts. Source: "RAM authorization" of ECS 2014-05-26, of ENS 2017-11-10 and of ESS 2022-02-22; CAM,
// "Authorization Policy Syntax" of CVM.
import { type ProviderName, providerNames, rowOf } from '../lib/provider-table.ts';
import { type Action, actionsOf, type PolicyKind, policyFileOf, policyKindsOf } from '../lib/providers/rights.ts';

/** What ECS's page says each of its actions can be confined to. ENS has nothing for key pairs, and ESS's rights go by the action alone. */
const ecsResources: Readonly<Record<string, readonly string[]>> = {
  KeyPair: ['keypair/*'],
  Instances: ['instance/*'],
  Bound: ['instance/*', 'keypair/*'],
  Template: ['launchtemplate/*'],
};

function ramResources(action: Action): readonly string[] {
  const kind = /^ecs:(?:Attach|Detach)/.test(action)
    ? 'Bound'
    : /^ecs:\w*?(KeyPair|Instances|Template)/.exec(action)?.[1];
  return ecsResources[kind ?? '']?.map((one) => `acs:ecs:*:*:${one}`) ?? ['*'];
}

/** One for each set of resources. */
export const ramStatements = (actions: readonly Action[]): readonly object[] =>
  [...Map.groupBy(actions, (action) => ramResources(action).join()).values()].map((Action) => ({
    ...{ Effect: 'Allow', Action, Resource: ramResources(Action[0]!) },
  }));

const ramPolicy = (actions: readonly Action[]): object => ({ Version: '1', Statement: ramStatements(actions) });

/** For whatever they act on: several of CVM's actions cannot be confined, and AS's and those on regions are not about key pairs. */
const camPolicy = (action: readonly Action[]): object => ({
  version: '2.0',
  statement: [{ effect: 'allow', action, resource: '*' }],
});

function policy(provider: ProviderName, kind: PolicyKind): string {
  const of = rowOf(provider).cloud === 'tencent' ? camPolicy : ramPolicy;
  return onePerLine(of(actionsOf(provider, kind)));
}

/** JSON as the formatter has it. */
export const onePerLine = (value: object): string => `${JSON.stringify(value, null, 2).replace(list, onOneLine)}\n`;

/** As the formatter has it: a list of words stands on one line where that is not too long. */
const list = /^(.*\[)\n([^[\]{}]*)\n\s*(\],?)$/gm;
function onOneLine(whole: string, open: string, words: string, close: string): string {
  const line = `${open}${words.trim().replace(/\n\s*/g, ' ')}${close}`;
  return line.length > 120 ? whole : line;
}

/** By path. */
export const cloudPolicies: ReadonlyMap<string, string> = new Map(
  providerNames.flatMap((provider) =>
    policyKindsOf(provider).map((kind) => [policyFileOf(provider, kind), policy(provider, kind)] as const),
  ),
);
