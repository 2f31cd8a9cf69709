// Tencent's flat spelling of nested parameters: `Filters.0.Values.1=x`, counted from 0.

type Nested = string | Map<string, Nested>;

/** Puts `A.0.B=x` back together: objects become objects, indices in a row from 0 become arrays. */
export function nested(pairs: readonly (readonly [string, string])[]): Map<string, unknown> {
  const root = new Map<string, Nested>();
  for (const [path, value] of pairs) {
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    let at = root;
    for (const step of steps) {
      const inner = at.get(step);
      const next = inner instanceof Map ? inner : new Map<string, Nested>();
      at.set(step, next);
      at = next;
    }
    at.set(last, value);
  }
  return new Map([...root].map(([name, value]) => [name, plain(value)]));
}

function plain(value: Nested): unknown {
  if (typeof value === 'string') return value;
  const names = [...value.keys()];
  if (names.every((name) => /^\d+$/.test(name))) {
    return names.sort((a, b) => Number(a) - Number(b)).map((name) => plain(value.get(name)!));
  }
  return Object.fromEntries([...value].map(([name, inner]) => [name, plain(inner)]));
}
