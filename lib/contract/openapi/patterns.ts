// Patterns that every reader of the document can compile. RE2, which many languages have, knows no lookaround: what comes before or
// after the pattern itself is said by `not`, and by a length.
import type { JsonSchema } from './json-schema.ts';

/** @param schema of a text @returns the same rule, in a pattern without lookaround @throws {TypeError} where it has one in the middle */
export function portable(schema: JsonSchema): JsonSchema {
  const { pattern, ...rest } = schema;
  if (typeof pattern !== 'string' || rest.format !== undefined) return rest; // the format says it already
  let body = pattern.replace(/^\^/, '');
  const unwanted: string[] = [];
  let length = {};
  for (let look = leading(body); look !== undefined; look = leading(body)) {
    body = body.slice(look.text.length);
    if (look.isWanted) length = { ...length, ...lengthIn(look.inner) };
    else unwanted.push(`^(?:${look.inner})`);
  }
  const [, before, behind] = /^(.*)\(\?<!([^()]+)\)\$$/s.exec(body) ?? [];
  if (before !== undefined) {
    body = `${before}$`;
    unwanted.push(`(?:${behind})$`);
  }
  if (/\(\?<?[=!]/.test(body) || unwanted.some((one) => /\(\?<?[=!]/.test(one)))
    throw new TypeError('a pattern that looks around in its middle has no portable form');
  const not = unwanted.length === 0 ? {} : { not: { pattern: unwanted.join('|') } };
  return { ...rest, ...length, ...(pattern === '^' ? {} : { pattern: `^${body}` }), ...not };
}

interface Look {
  readonly text: string;
  readonly inner: string;
  readonly isWanted: boolean;
}

function leading(body: string): Look | undefined {
  if (!/^\(\?[=!]/.test(body)) return undefined;
  let depth = 0;
  let isClass = false;
  for (let i = 0; i < body.length; i += 1) {
    const character = body[i];
    if (character === '\\') i += 1;
    else if (isClass) isClass = character !== ']';
    else if (character === '[') isClass = true;
    else if (character === '(') depth += 1;
    else if (character === ')') {
      depth -= 1;
      if (depth === 0) {
        const text = body.slice(0, i + 1);
        return { text, inner: text.slice(3, -1), isWanted: text[2] === '=' };
      }
    }
  }
  return undefined;
}

/** `.{1,255}$`: what is wanted ahead is a length, and nothing else. */
function lengthIn(inner: string): JsonSchema {
  const [, least, most] = /^\.\{(\d+),(\d+)\}\$$/.exec(inner) ?? [];
  if (least === undefined) throw new TypeError('what a pattern wants ahead is no length');
  return { minLength: Number(least), maxLength: Number(most) };
}
