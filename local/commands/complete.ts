// What may come next on a line: from the rows, so that a new command or option is completed without a word more.
import { providerNames } from '../../lib/provider-table.ts';
import { keySizes, keySources } from '../../lib/vending/key-source.ts';
import { type Command, goals, keyForms, publicKeyForms, shells, sorts } from './command.ts';
import { type OptionRow, options } from './options.ts';

export interface Candidate {
  readonly word: string;
  readonly says: string;
}

/** Where a file may come next, the shell completes by itself. */
const FILES: Candidate = { word: ':files', says: '' };

const ofWord: Readonly<Record<string, readonly string[]>> = {
  provider: providerNames,
  until: goals,
  sort: sorts,
  shell: shells,
  'key-form': keyForms,
  'public-key-form': publicKeyForms,
  'key-source': keySources,
  bits: keySizes.map(String),
};
const files = new Set(['file', 'folder']);

/** @param line up to the cursor, with `keyvend` in front */
export function candidates(commands: readonly Command[], line: string): readonly Candidate[] {
  const typed = line.trimStart().split(/\s+/).slice(1);
  const begun = typed.at(-1) ?? '';
  const before = typed.slice(0, -1);
  if (before.includes('--')) return [];
  const asksHelp = before[0] === 'help';
  const path = asksHelp ? before.slice(1) : before;
  return all(commands, path, begun, asksHelp).filter((one) => one === FILES || one.word.startsWith(begun));
}

function all(commands: readonly Command[], before: readonly string[], begun: string, asksHelp: boolean) {
  const found = commands
    .filter(({ name }) => name.split(' ').every((word, i) => before[i] === word))
    .sort((a, b) => b.name.length - a.name.length)[0];
  const next = nextWords(commands, before);
  if (asksHelp || found === undefined) return before.length === 0 && !asksHelp ? [...next, help] : next;
  const rest = before.slice(found.name.split(' ').length);
  const value = takesValue(found, rest.at(-1));
  if (value !== undefined) return valuesOf(value);
  if (begun.startsWith('-')) return optionsOf(found, rest);
  const words = rest.filter((word, i) => !word.startsWith('-') && takesValue(found, rest[i - 1]) === undefined);
  return [...(words.length === 0 ? next : []), ...valuesOf(found.words.split(' ')[words.length] ?? '')];
}

const help: Candidate = { word: 'help', says: 'print what a command does, takes and prints' };

/** Words that commands have after these; of several with the same, the first says what it is. */
function nextWords(commands: readonly Command[], before: readonly string[]): readonly Candidate[] {
  const found = new Map<string, string>();
  for (const { name, summary } of commands) {
    const words = name.split(' ');
    const word = words[before.length];
    if (word === undefined || !before.every((one, i) => one === words[i])) continue;
    if (!found.has(word)) found.set(word, words.length === before.length + 1 ? summary : '');
  }
  return [...found].map(([word, says]) => ({ word, says }));
}

const flagOf = ({ flags }: OptionRow): string => flags.split(' ')[0]!;

/** @returns what an option takes, where the word is one that takes something */
function takesValue(command: Command, word: string | undefined): string | undefined {
  const row = command.options.map((name) => options[name]).find((one) => flagOf(one) === word);
  return row?.flags.split(' ')[1];
}

/** @param placeholder `<provider>` or `[folder]` */
function valuesOf(placeholder: string): readonly Candidate[] {
  const name = placeholder.replaceAll(/[<>[\].]/g, '');
  if (files.has(name)) return [FILES];
  return (Object.hasOwn(ofWord, name) ? ofWord[name]! : []).map((word) => ({ word, says: '' }));
}

const optionsOf = (command: Command, typed: readonly string[]): readonly Candidate[] =>
  command.options
    .map((name): OptionRow => options[name])
    .filter((row) => row.many || !typed.includes(flagOf(row)))
    .map((row) => ({ word: flagOf(row), says: row.says }));
