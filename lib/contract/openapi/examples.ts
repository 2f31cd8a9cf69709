// Requests and answers as they really were: docs/api-examples.ts records them.
import recorded from './examples.json' with { type: 'json' };

/** `sent`, or a status. */
export type Recorded = 'sent' | `${number}`;

type All = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
const { operations, problems } = recorded as {
  readonly operations: All;
  readonly problems: Readonly<Record<string, unknown>>;
};

/** @param of an operation, or the codes of a refusal: then an example of each that was recorded */
export function exampleOf(of: string | readonly string[], which: Recorded): { readonly examples?: object } {
  if (typeof of !== 'string') {
    const some = of.filter((code) => Object.hasOwn(problems, code)).slice(0, 3);
    return some.length === 0
      ? {}
      : { examples: Object.fromEntries(some.map((code) => [code, { value: problems[code] }])) };
  }
  const value = operations[of]?.[which];
  return value === undefined ? {} : { examples: { recorded: { summary: 'From a real run', value } } };
}
