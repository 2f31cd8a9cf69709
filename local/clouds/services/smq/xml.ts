// The little XML that SMQ speaks: elements and text. No attribute of it means anything.

/** Text, or elements by name; one name several times is a list. */
export type Xml = string | number | { readonly [name: string]: Xml | readonly Xml[] };

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export const written = (name: string, value: Xml, attributes = ''): string =>
  `<${name}${attributes}>${typeof value === 'object' ? inner(value) : escaped(String(value))}</${name}>`;

const inner = (value: { readonly [name: string]: Xml | readonly Xml[] }): string =>
  Object.entries(value)
    .flatMap(([name, one]) => (Array.isArray(one) ? one : [one as Xml]).map((each) => written(name, each)))
    .join('');

const escaped = (text: string): string => text.replace(/[&<>]/g, (c) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt' }[c]};`);

/** XML 1.0 has no place for these, spelled in any way. */
const isControl = (character: string): boolean => character < ' ' && !'\t\n\r'.includes(character);

/** @returns the root's name and what is in it; undefined where it is not well-formed */
export function read(text: string): { readonly root: string; readonly value: Xml } | undefined {
  if ([...text].some(isControl)) return undefined;
  const tokens = text.replace(/^\uFEFF?\s*<\?xml[^>]*\?>/, '').match(/<!\[CDATA\[[\s\S]*?\]\]>|<[^>]*>|[^<]+/g) ?? [];
  const open: { name: string; text: string; parts: Record<string, Xml | Xml[]> }[] = [
    { name: '', text: '', parts: {} },
  ];
  for (const token of tokens) {
    const here = open.at(-1)!;
    const [, end, name, single] = /^<(\/?)([A-Za-z][\w.:-]*)[^>]*?(\/?)>$/.exec(token) ?? [];
    if (token.startsWith('<![CDATA[')) here.text += token.slice(9, -3);
    else if (!token.startsWith('<')) here.text += unescaped(token);
    else if (name === undefined) return undefined;
    else if (end !== '/') {
      open.push({ name, text: '', parts: {} });
      if (single === '/') close(open);
    } else if (here.name !== name || open.length === 1) return undefined;
    else close(open);
  }
  const [root, ...more] = Object.keys(open[0]!.parts);
  if (open.length !== 1 || root === undefined || more.length > 0 || open[0]!.text.trim() !== '') return undefined;
  return { root, value: open[0]!.parts[root] as Xml };
}

function close(open: { name: string; text: string; parts: Record<string, Xml | Xml[]> }[]): void {
  const { name, text, parts } = open.pop()!;
  const into = open.at(-1)!.parts;
  const value: Xml = Object.keys(parts).length > 0 ? (parts as Xml) : text;
  const before = into[name];
  into[name] = before === undefined ? value : ([before].flat() as Xml[]).concat([value]);
}

const unescaped = (text: string): string =>
  text.replace(/&(?:#(\d+)|#x([\da-fA-F]+)|(\w+));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
