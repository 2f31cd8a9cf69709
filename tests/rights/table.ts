// The table of rights in docs/rights.md: what may be called, where and on what condition, by which functions, and what needs it.
import type { Json } from '../deploy/packaged.ts';
import { account, region } from './deployed.ts';
import { type Looked, nameOf, usedByOthers } from './looked-at.ts';

interface Row {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly where: string;
  readonly functions: string[];
  readonly used: Set<string>;
}

export function rightsTable({ deployed, used }: Looked): string {
  const rows = new Map<string, Row>();
  for (const { name, policies } of deployed.functions)
    for (const { Sid: sid, Effect, Action: actions, Resource, Condition } of policies.flatMap(
      ({ policy }) => policy.Statement,
    )) {
      if (Effect !== 'Allow') continue;
      const where = [...new Set([Resource].flat().map(shown)), ...conditionsIn(Condition)].join('; ');
      const key = `${sid} ${actions} ${where}`;
      const row: Row = rows.get(key) ?? { sid, actions, where, functions: [], used: new Set() };
      rows.set(key, row);
      row.functions.push(name);
      for (const action of actions) {
        const right = nameOf({ sid, action });
        for (const call of used.get(name)!.get(right) ?? []) row.used.add(`\`${call}\``);
        if (right in usedByOthers) row.used.add(usedByOthers[right]!);
      }
    }
  const cells = [...rows.values()].map((row) => [
    `\`${row.sid}\``,
    row.actions.map((action) => `\`${action}\``).join(', '),
    row.where,
    functionsIn(row.functions),
    [...row.used].join(', '),
  ]);
  return [
    ['right', 'actions', 'where, and on what condition', 'functions', 'needed by'],
    Array(5).fill('---'),
    ...cells,
  ]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}

const PROVIDERS = /\b(ens|ecs|cvm)(?=\/|\b)/g;
const ofEach = (text: string): string => text.replace(PROVIDERS, '<provider>');

/** Without what differs from one deployment to the next. */
function shown(text: string): string {
  const short = ofEach(
    text.replace('arn:aws:', '').replace(`${region}:${account}:`, '').replaceAll('example', '<stage>'),
  )
    .replace(region, '<region>')
    .replace(account, '<account>')
    .replace(/key\/[0-9a-f-]{36}/, 'key')
    .replace(/(keyvend-<stage>-)\w+(:\*)$/, '$1<function>$2');
  return `\`${short}\``;
}

const words: Readonly<Record<string, string>> = {
  StringEquals: 'is',
  StringLike: 'is like',
  NumericEquals: 'is',
  BoolIfExists: 'is',
  'ForAllValues:StringLike': 'are like',
  'ForAllValues:StringNotLike': 'are not like',
};

const conditionsIn = (conditions: Json = {}): string[] =>
  Object.entries<Json>(conditions).flatMap(([operator, keys]) =>
    Object.entries<Json>(keys).map(([key, value]) => {
      if (operator === 'Null') return `${value ? 'without' : 'with'} \`${key}\``;
      const values = [...new Set([value].flat().map((one) => shown(String(one))))];
      return `\`${key}\` ${words[operator]} ${values.join(', ')}`;
    }),
  );

/** `*Http` where it is all three providers'. */
function functionsIn(names: readonly string[]): string {
  const kinds = ['Http', 'Queue'].filter((kind) =>
    ['ens', 'ecs', 'cvm'].every((one) => names.includes(`${one}${kind}`)),
  );
  const others = names.filter((name) => !kinds.some((kind) => new RegExp(`^(ens|ecs|cvm)${kind}$`).test(name)));
  return [...kinds.map((kind) => `*${kind}`), ...others].map((name) => `\`${name}\``).join(', ');
}
