// What was measured, in tables, and what must hold of it.
import { type ProviderName, providerNames } from '../../lib/provider-table.ts';
import { median, quantile, table } from '../support/figures.ts';
import type { Took } from './child.ts';

export interface Made extends Took {
  readonly what: string;
}
export type Vends = readonly {
  readonly provider: ProviderName;
  readonly kind: string;
  readonly ms: readonly number[];
}[];

const whole = (ms: number): string => ms.toFixed(0);
const times = (value: number, of: number): string => (value / of).toFixed(1);

export function loopTable(made: readonly Made[]): string {
  const [idle] = made as readonly [Made];
  const rows = made.map(({ what, ms, late }) => [
    what,
    ...(ms.length === 0 ? ['', '', ''] : [median(ms), quantile(ms, 0.95), quantile(ms, 1)].map(whole)),
    `${late.p99.toFixed(2)} (${times(late.p99, idle.late.p99)})`,
    `${late.most.toFixed(1)} (${times(late.most, idle.late.most)})`,
  ]);
  return table(['a key', 'median, ms', '95th of 100', 'slowest', 'late, 99th of 100, ms (times idle)', 'latest'], rows);
}

export function vendTable(vends: Vends): string {
  const of = (provider: ProviderName, kind: string) =>
    vends.find((one) => one.provider === provider && one.kind === kind)!;
  const kinds = [...new Set(vends.map(({ kind }) => kind))];
  const rows = kinds.map((kind) => [
    kind,
    ...providerNames.map((provider) => {
      const [one, create] = [median(of(provider, kind).ms), median(of(provider, kinds[0]!).ms)];
      return `${whole(one)} (${times(one, create)})`;
    }),
    whole(Math.max(...providerNames.map((provider) => quantile(of(provider, kind).ms, 0.95)))),
  ]);
  return table(['a vend, ms', ...providerNames.map((one) => one.toUpperCase()), '95th of 100'], rows);
}

/** @param pairs how many the clouds have at the end */
export function promised(made: readonly Made[], vends: Vends, pairs: number) {
  const asked = vends.reduce((sum, { ms }) => sum + ms.length + 1, 0);
  const broken = [
    ...(pairs === asked ? [] : [`${pairs} pairs were made, of ${asked}`]),
    ...made.filter(({ right }) => !right).map(({ what }) => `a key of ${what} has another size`),
  ];
  // One that is made on the event loop holds it up for as long as it takes.
  const slow = made
    .filter(({ ms, late }) => ms.length > 0 && late.p99 > median(ms) / 4)
    .map(({ what }) => `while a key of ${what} was made, the event loop was held up`);
  return { broken, slow };
}
