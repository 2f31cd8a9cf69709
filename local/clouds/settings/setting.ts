// A setting is one row: its default and what it may be. The same row types it, checks it and documents it.

export interface Setting<T> {
  readonly default: T;
  /** What it may be, for messages and docs. */
  readonly allowed: string;
  accepts(value: unknown): value is T;
}
export type Settings = Readonly<Record<string, Setting<unknown>>>;
export type Values<S extends Settings> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

export const oneOf = <const T extends readonly (string | number)[]>(...values: T): Setting<T[number]> => ({
  default: values[0] as T[number],
  allowed: values.join(' | '),
  accepts: (value): value is T[number] => values.some((other) => other === value),
});

export const flag = (value: boolean): Setting<boolean> => ({
  default: value,
  allowed: 'true | false',
  accepts: (other) => typeof other === 'boolean',
});

export const whole = (value: number, least = 0): Setting<number> => ({
  default: value,
  allowed: `a whole number from ${least}`,
  accepts: (other): other is number => Number.isSafeInteger(other) && (other as number) >= least,
});

export const listOf = <T extends 'string' | 'number'>(
  type: T,
  ...values: readonly (T extends 'string' ? string : number)[]
): Setting<readonly (T extends 'string' ? string : number)[]> => ({
  default: values,
  allowed: `a list of ${type}s`,
  accepts: (other): other is typeof values => Array.isArray(other) && other.every((item) => typeof item === type),
});

export const defaultsOf = <S extends Settings>(settings: S): Values<S> =>
  Object.fromEntries(Object.entries(settings).map(([name, { default: value }]) => [name, value])) as Values<S>;

/**
 * @param change some of the settings, by name
 * @throws {TypeError} naming the setting that does not exist, or the value it does not take
 */
export function changed<S extends Settings>(settings: S, now: Values<S>, change: Partial<Values<S>>): Values<S> {
  for (const [name, value] of Object.entries(change)) {
    const setting = Object.hasOwn(settings, name) ? settings[name] : undefined;
    if (!setting) throw new TypeError(`there is no setting ${name}`);
    if (!setting.accepts(value)) throw new TypeError(`${name} must be ${setting.allowed}`);
  }
  return { ...now, ...change };
}
