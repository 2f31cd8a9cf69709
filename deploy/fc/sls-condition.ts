// A filter pattern of deploy/logged-alarms.ts in the SQL of Simple Log Service. A line of keyvend's is JSON in the field `message` of a log
// of Function Compute. Source: "Filter pattern syntax for metric filters" (CloudWatch Logs); "JSON functions" (Simple Log Service).

const term = /^\$\.(\w+) (=|>) ("[^"']*"|\d+)$/;

/** @param path as `$.percent` */
const fieldOf = (path: string): string => `json_extract_scalar(message, '${path}')`;
export const numberOf = (path: string): string => `cast(${fieldOf(path)} as double)`;

/** @throws {TypeError} for a pattern with more in it than equal texts, numbers that are passed, and either && or || between them */
export function conditionOf(pattern: string): string {
  const [, inner = ''] = /^\{ (.*) \}$/.exec(pattern) ?? [];
  const word = inner.includes(' || ') ? '||' : '&&';
  const terms = inner.split(` ${word} `).map((text) => {
    const [, name, operator, value = ''] = term.exec(text) ?? [];
    if (name === undefined) throw new TypeError(`no condition in SQL for ${pattern}`);
    const isText = value.startsWith('"');
    if (isText !== (operator === '=')) throw new TypeError(`no condition in SQL for ${pattern}`);
    return isText ? `${fieldOf(`$.${name}`)} = '${value.slice(1, -1)}'` : `${numberOf(`$.${name}`)} > ${value}`;
  });
  return terms.join(word === '||' ? ' or ' : ' and ');
}
