// docs/keyvend.1, from the rows of the commands. Source: man-pages(7), groff_man(7).
import { type Command, groups } from '../local/commands/command.ts';
import { options } from '../local/commands/options.ts';
import { commands } from '../local/commands/table.ts';
import { exitCodes } from '../local/exit-codes.ts';

/** A hyphen that is typed is not one that text is broken at, and a line does not begin as a request does. */
const text = (words: string): string =>
  words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('\n', ' ')
    .replace(/^([.'])/, '\\&$1');

const sentence = (words: string): string => `${text(words[0]!.toUpperCase() + words.slice(1))}.`;

function section({ name, words, shown = words, summary, details, options: own, examples }: Command): string[] {
  return [
    `.SS keyvend ${text(`${name} ${shown}`.trim())}`,
    sentence(summary),
    ...(details === undefined ? [] : ['.PP', text(details)]),
    ...own.flatMap((option) => ['.TP', `.B ${text(options[option].flags)}`, sentence(options[option].says)]),
    '.PP',
    'For example:',
    '.PP',
    '.EX',
    ...examples.map((example) => text(`keyvend ${example}`)),
    '.EE',
  ];
}

export const manPage = (): string =>
  [
    '.TH KEYVEND 1 "" keyvend "User commands"',
    '.SH NAME',
    'keyvend \\- vends SSH key pairs on Alibaba ENS, Alibaba ECS and Tencent CVM, and looks after them',
    '.SH SYNOPSIS',
    '.B keyvend',
    '.I command',
    '[words] [options]',
    '.PP',
    '.B keyvend help',
    '[command]',
    '.SH COMMANDS',
    ...groups.flatMap((group) => commands.filter((one) => one.group === group).flatMap(section)),
    '.SH EXIT STATUS',
    ...Object.entries(exitCodes).flatMap(([code, says]) => ['.TP', `.B ${code}`, sentence(says)]),
    '.SH ENVIRONMENT',
    ...variables.flatMap(([name, says]) => ['.TP', `.B ${name}`, sentence(says)]),
    '.SH FILES',
    '.TP',
    text('$XDG_STATE_HOME/keyvend, ~/.local/state/keyvend'),
    'What keyvend login got, for its owner alone.',
    '',
  ].join('\n');

const variables = [
  ['KEYVEND_URL', 'address of the deployment that is meant'],
  ['KEYVEND_TOKEN', 'a token for it, in place of signing in'],
  ['KEYVEND_HOME', 'folder of what runs here'],
  ['KEYVEND_CONFIG', 'configuration of a server'],
  ['BROWSER', 'program that opens a page to sign in at'],
  ['NO_COLOR', 'no colours where it is set'],
] as const;
