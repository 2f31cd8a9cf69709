// JSON that says something twice has two readings, and the one that counts must not depend on a parser's habit.
import { describe, expect, it } from 'vitest';
import { objectIn } from '../../../lib/contract/parse.ts';
import { random } from '../../doubles/random.ts';

describe('a JSON text', () => {
  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"a":{"b":1,"c":[{"d":1,"d":2}]}}',
    '{"a":[],"b":{},"a" \n : 0}',
    '{"":1,"":2}',
    '{"\\"a":1,"\\u0022a":2}',
    '{"__proto__":1}',
    '{"a":{"__pr\\u006fto__":{}}}',
  ])('is refused when it has a field twice, or one that cannot be kept: %s', (text) => {
    expect(() => objectIn(text)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
  });

  it.each([
    '{}',
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}',
    '{"a":"a","b":"b: \\"a\\":1,","c":["a","a","a"]}',
    '{"a":"{\\"a\\":1,\\"a\\":2}"}',
    '{"A":1,"a":2}',
    '{"constructor":1,"toString":2}',
  ])('is taken when each name is there once: %s', (text) => {
    expect(objectIn(text)).toEqual(JSON.parse(text));
  });

  it('is taken as it is written by JSON.stringify, whatever is in it', () => {
    for (let seed = 0; seed < 300; seed += 1) {
      const { below, pick } = random(seed);
      const word = () => Array.from({ length: below(4) }, () => pick([...'ab"\\\\{}[]:, \n', 'é', '😀'])).join('');
      const value = (depth: number): unknown =>
        depth === 0 || below(3) === 0
          ? pick([word(), below(9), true, null])
          : below(2) === 0
            ? Array.from({ length: below(4) }, () => value(depth - 1))
            : Object.fromEntries(Array.from({ length: below(5) }, () => [word(), value(depth - 1)]));
      const text = JSON.stringify({ top: value(4) }, undefined, pick([0, 2]));
      expect(objectIn(text), `seed ${seed}`).toEqual(JSON.parse(text));
    }
  });

  it('takes time in proportion to its length, however it is made', () => {
    for (const text of [`{"a":"${'\\\\'.repeat(8_000)}"}`, `{"a":${'['.repeat(4_000)}${']'.repeat(4_000)}}`])
      expect(objectIn(text)).toHaveProperty('a');
  });
});
