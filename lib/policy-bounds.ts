// How far a key pair's own policy may go from what the operator wants: floors and ceilings of its fields, which a grant may move
// for whoever has it. They hold when a policy is put, and once more when it is used, whenever it was put.

/** What of a policy can be bounded. */
interface Bounded {
  readonly coverage: number;
  readonly overlapDays: number;
  readonly maxAgeDays: number;
  readonly maxParallelHosts: number;
  readonly recordHostKeys: boolean;
}

/** One that is absent bounds nothing. */
export interface Bounds {
  readonly minCoverage?: number;
  readonly minOverlapDays?: number;
  readonly maxOverlapDays?: number;
  /** Of an age that is set at all. */
  readonly leastMaxAgeDays?: number;
  /** With one, a key pair cannot be kept from ever being rotated by itself. */
  readonly mostMaxAgeDays?: number;
  readonly mostParallelHosts?: number;
  readonly mayRecordHostKeys?: boolean;
}
export type BoundName = keyof Bounds;

type NumberField = Exclude<keyof Bounded, 'recordHostKeys'>;
interface NumberRow {
  readonly variable: string;
  readonly field: NumberField;
  readonly side: 'least' | 'most';
  /** What holds where the configuration says nothing, unless its own default for the field is beyond that. */
  readonly usual?: number;
  /** The largest value that makes sense. */
  readonly upTo: number;
}

/** Every bound of a number: its word in a grant, its variable, its field. */
export const boundRows = {
  minCoverage: { variable: 'KEYVEND_MIN_COVERAGE', field: 'coverage', side: 'least', usual: 0.5, upTo: 1 },
  minOverlapDays: { variable: 'KEYVEND_MIN_OVERLAP_DAYS', field: 'overlapDays', side: 'least', usual: 1, upTo: 365 },
  maxOverlapDays: { variable: 'KEYVEND_MAX_OVERLAP_DAYS', field: 'overlapDays', side: 'most', usual: 90, upTo: 365 },
  leastMaxAgeDays: {
    variable: 'KEYVEND_LEAST_MAX_AGE_DAYS',
    field: 'maxAgeDays',
    side: 'least',
    usual: 1,
    upTo: 3_650,
  },
  mostMaxAgeDays: { variable: 'KEYVEND_MOST_MAX_AGE_DAYS', field: 'maxAgeDays', side: 'most', upTo: 3_650 },
  mostParallelHosts: {
    variable: 'KEYVEND_MOST_PARALLEL_HOSTS',
    field: 'maxParallelHosts',
    side: 'most',
    usual: 20,
    upTo: 50,
  },
} as const satisfies Readonly<Record<Exclude<BoundName, 'mayRecordHostKeys'>, NumberRow>>;

/** Made when it is asked for: functions that only vend carry none of this. */
const rows = () => Object.entries(boundRows) as [keyof typeof boundRows, NumberRow][];

/** An age of 0 is none: longer than any. */
const measured = (field: NumberField, value: number): number =>
  field === 'maxAgeDays' && value === 0 ? Number.POSITIVE_INFINITY : value;

const isBeyond = ({ field, side }: NumberRow, value: number, bound: number | undefined): boolean =>
  bound !== undefined && (side === 'least' ? measured(field, value) < bound : measured(field, value) > bound);

/** @param given what the configuration says, where it does @param usual its defaults for the fields */
export function boundsFrom(given: Bounds, usual: Bounded): Bounds {
  const numbers = rows().flatMap(([name, row]): [BoundName, number][] => {
    const bound = given[name] ?? row.usual;
    if (bound === undefined) return [];
    // The operator's own default is within the operator's bounds, unless both are written down and contradict each other.
    const own = usual[row.field];
    return [[name, given[name] === undefined && isBeyond(row, own, bound) ? own : bound]];
  });
  return { ...Object.fromEntries(numbers), mayRecordHostKeys: given.mayRecordHostKeys ?? usual.recordHostKeys };
}

/** @returns each field that is beyond a bound, and the bound; nothing of this is input */
export function outOfBounds(
  policy: Partial<Bounded>,
  bounds: Bounds,
): { readonly field: keyof Bounded; readonly bound: BoundName; readonly detail: string }[] {
  const beyond = rows().flatMap(([bound, row]) => {
    const value = policy[row.field];
    if (value === undefined || !isBeyond(row, value, bounds[bound])) return [];
    return [{ field: row.field, bound, detail: `must be at ${row.side} ${bounds[bound]}` }];
  });
  if (!policy.recordHostKeys || bounds.mayRecordHostKeys !== false) return beyond;
  const detail = 'must be false: host keys may not be recorded here';
  return [...beyond, { field: 'recordHostKeys', bound: 'mayRecordHostKeys', detail }];
}

/** The policy as near to what it says as the bounds permit. */
export function withinBounds<P extends Bounded>(policy: P, bounds: Bounds): P {
  const changed = outOfBounds(policy, bounds).map(({ field, bound }) => [
    field,
    bound === 'mayRecordHostKeys' ? false : bounds[bound],
  ]);
  return changed.length === 0 ? policy : { ...policy, ...Object.fromEntries(changed) };
}
