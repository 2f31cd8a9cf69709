// What each access key may do at its cloud, tried action by action with requests that change nothing (lib/providers/connect-rights.ts).
import { rowOf } from '../../../provider-table.ts';
import { rightsConnectionOf, type Told, toldBy } from '../../../providers/connect-rights.ts';
import {
  type Action,
  actionsOf,
  type FeatureName,
  featureNames,
  featureOf,
  policyFileOf,
} from '../../../providers/rights.ts';
import { together } from '../../../together.ts';
import { type CloudAccess, connectedTo } from '../../cloud-access.ts';
import type { Account } from '../../upstream-keys.ts';
import { type Finding, note, ok, wrong } from './finding.ts';

const PATIENCE_MS = 5_000;
const AT_ONCE = 4;

export async function lookAtRights(
  account: Account,
  {
    access,
    configuration,
  }: { readonly access: CloudAccess; readonly configuration: Readonly<Record<string, unknown>> },
): Promise<readonly Finding[]> {
  const asks = await connectedTo(await rightsConnectionOf(account.provider), account, configuration, access);
  const told = new Map<Action, Told>();
  const ask = async (action: Action) => {
    const answer = asks[action]!({ timeoutMs: PATIENCE_MS });
    told.set(action, await answer.then(() => toldBy(undefined), toldBy));
  };
  const all = actionsOf(account.provider, 'everything');
  await together(all, AT_ONCE, ask);
  // Once more, by itself: one that came late or too soon says nothing of rights.
  const unknown = all.filter((action) => told.get(action) === 'unknown');
  if (unknown.length < all.length) await together(unknown, 1, ask);
  return findingsOf(account, new Map(all.map((action) => [action, told.get(action)!])));
}

function findingsOf({ provider, account }: Account, told: ReadonlyMap<Action, Told>): readonly Finding[] {
  const named = `${provider}/${account}`;
  const rows = featureNames.map((name) => ({ name, actions: featureOf(name).actions[provider] }));
  const those = (which: Told, actions: readonly Action[]) => actions.filter((action) => told.get(action) === which);
  const whole = rows.filter(({ actions }) => actions.length > 0 && actions.every((one) => isFine(told.get(one))));
  const [untold, sure] = [true, false].map((is) =>
    whole.filter(({ actions }) => those('untold', actions).length > 0 === is),
  ) as [typeof whole, typeof whole];
  const unsaid = untold.flatMap(({ actions }) => those('untold', actions)).join(', ');
  const may = [
    ...(sure.length > 0 ? [inWords(...sure.map(({ name }) => name))] : []),
    // The cloud found something wrong with the request, and may have done so before it looked at rights.
    ...(untold.length > 0
      ? [`as far as it tells: ${inWords(...untold.map(({ name }) => name))} (not told of ${unsaid})`]
      : []),
  ];
  const missing = rows.flatMap(({ name, actions }) => those('may not', actions).map((one) => lacks(name, one)));
  const unknown = those('unknown', [...told.keys()]);
  return [
    ...(may.length > 0 ? [ok('cloud', `${named} may: ${may.join('; ')}`)] : []),
    ...missing,
    ...(unknown.length > 0
      ? [note('cloud', `${named} could not be asked whether it may ${unknown.join(', ')}`, 'Ask again later.')]
      : []),
  ];

  function lacks(feature: FeatureName, action: Action): Finding {
    const says = `${named} may not ${action}, for ${inWords(feature)}: ${plain(featureOf(feature).without)}`;
    const where = rowOf(provider).cloud === 'tencent' ? 'CAM' : 'RAM';
    const next = `Allow it there (${where}): ${policyFileOf(provider, feature)} has it.`;
    return feature === 'vending' ? wrong('cloud', says, next) : note('cloud', says, next);
  }
}

const isFine = (told: Told | undefined): boolean => told === 'may' || told === 'untold';
const plain = (markdown: string): string => markdown.replaceAll('`', '');
/** The first words of each title: what it is mostly for. */
const inWords = (...names: readonly FeatureName[]): string =>
  names.map((name) => plain(featureOf(name).title.split(/[,;]/)[0]!)).join(', ');
