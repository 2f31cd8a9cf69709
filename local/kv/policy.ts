// Who may do what, by path: the part of OpenBao's policies that ours are written in, and no more of HCL than that.
// Source: OpenBao docs, "Policies": `+` stands for one word of a path, `*` at the end for whatever follows; the closest rule decides.

export type Capability = 'create' | 'read' | 'update' | 'delete' | 'list';

export interface Rule {
  readonly path: string;
  readonly capabilities: ReadonlySet<string>;
}

const RULE = /^path\s+"([^"\n]+)"\s*\{\s*capabilities\s*=\s*\[([^\]]*)\]\s*\}\s*/;
const KNOWN: ReadonlySet<string> = new Set(['create', 'read', 'update', 'delete', 'list', 'patch', 'deny', 'sudo']);

/** @throws {TypeError} for anything but rules and comments */
export function rulesOf(policy: string): readonly Rule[] {
  const rules: Rule[] = [];
  let left = policy.replace(/^\s*#.*$/gm, '').trim();
  while (left !== '') {
    const [whole, path, list = ''] = RULE.exec(left) ?? [];
    if (whole === undefined || path === undefined) throw new TypeError('not a rule of a policy');
    const capabilities = new Set(list.split(',').map((word) => word.trim().replace(/^"(.*)"$/, '$1')));
    for (const word of capabilities) if (!KNOWN.has(word)) throw new TypeError('not a capability');
    rules.push({ path, capabilities });
    left = left.slice(whole.length).trim();
  }
  return rules;
}

/** The rule that decides over a path; undefined where none does, and then nothing is permitted. */
export const ruleFor = (rules: readonly Rule[], path: string): Rule | undefined =>
  rules
    .filter((rule) => matches(rule.path, path))
    .sort((a, b) => closeness(b.path).localeCompare(closeness(a.path)))[0];

export const permits = (rules: readonly Rule[], path: string, capability: Capability): boolean =>
  ruleFor(rules, path)?.capabilities.has(capability) ?? false;

function matches(rule: string, path: string): boolean {
  const isOpen = rule.endsWith('*');
  const words = (isOpen ? rule.slice(0, -1) : rule).split('/').map((word) => (word === '+' ? '[^/]+' : quoted(word)));
  return new RegExp(`^${words.join('/')}${isOpen ? '.*' : ''}$`).test(path);
}
const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Sorts the closest rule last: a later first wildcard, then none at the end, then fewer, then more letters. */
const closeness = (rule: string): string => {
  const first = rule.search(/[+*]/);
  const plus = rule.split('/').filter((word) => word === '+').length;
  const figures = [first === -1 ? 9_999 : first, rule.endsWith('*') ? 0 : 1, 99 - plus, rule.length];
  return figures.map((figure) => String(figure).padStart(5, '0')).join('.');
};
