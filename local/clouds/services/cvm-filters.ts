// DescribeKeyPairs' filters. A pair must fit every filter, and fits one by any of its values.
// Source: CVM DescribeKeyPairs, "Filters".
import type { Behaviour } from '../settings/behaviour.ts';
import type { Pair } from '../state/registry.ts';
import { refuseCvm } from './cvm-errors.ts';
import type { Filter } from './cvm-parameters.ts';

type Test = (pair: Pair, value: string) => boolean;

/** @throws {Refused} for a filter the page does not list */
export function matcher(filters: readonly Filter[], nameFilter: Behaviour['cvm.nameFilter']): (pair: Pair) => boolean {
  const tests: Readonly<Record<string, Test>> = {
    'project-id': (pair, value) => String(pair.projectId) === value,
    'key-name': (pair, value) => (nameFilter === 'exact' ? pair.name === value : pair.name.includes(value)),
    'tag-key': (pair, value) => pair.tags.some(({ key }) => key === value),
    'tag-value': (pair, value) => pair.tags.some((tag) => tag.value === value),
  };
  const parts = filters.map(({ name, values }) => {
    const test = Object.hasOwn(tests, name) ? tests[name] : tagTest(name);
    if (!test) throw refuseCvm('InvalidFilter');
    return (pair: Pair): boolean => values.some((value) => test(pair, value));
  });
  return (pair) => parts.every((part) => part(pair));
}

/** `tag:<key>`: the value of that one tag. */
const tagTest = (name: string): Test | undefined =>
  name.startsWith('tag:') && name.length > 4
    ? (pair, value) => pair.tags.some((tag) => tag.key === name.slice(4) && tag.value === value)
    : undefined;
