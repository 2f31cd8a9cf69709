// The commander program that the rows come to.
import { Argument, Help, Command as Program } from 'commander';
import type { Command, Given } from './command.ts';
import { type OptionRow, options } from './options.ts';
import { commands } from './table.ts';

/** What several commands have in front. */
const families: Readonly<Record<string, string>> = {
  rotation: 'show, wait for, cancel or waive hosts of a rotation',
  policy: 'print or set how a key pair is rotated',
  access: 'explain, check or compile who may do what',
  ledger: 'look at the ledger, or confirm it',
  queue: 'list, show and put back messages',
  audit: 'verify the trail',
};

const collect = (value: string, before: readonly string[] = []) => [...before, value];

/** @param act is given the row whose command was typed, its words and its options */
export function programFor(act: (command: Command, words: readonly string[], given: Given) => Promise<void>): Program {
  const program = new Program('keyvend')
    .description('Vends SSH key pairs on Alibaba ENS, Alibaba ECS and Tencent CVM, and looks after them.')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ outputError: () => {}, writeErr: () => {} })
    .configureHelp({ subcommandTerm: (one) => one.name() })
    .option('--version', 'print which keyvend this is');
  for (const row of commands) add(row, program, act);
  program
    .command('help [command...]')
    .description('print what a command does, takes and prints')
    .helpGroup('This command line:')
    .copyInheritedSettings(program)
    .action((words: readonly string[]) => asked(program, words).outputHelp());
  // What the scripts of `keyvend completion` call whenever the key is pressed.
  program.command('complete <line>', { hidden: true }).action(async (line: string) => {
    const { candidates } = await import('./complete.ts');
    for (const { word, says } of candidates(commands, line)) process.stdout.write(`${word}\t${says}\n`);
  });
  return program;
}

/** @throws {CommanderError} as if the words had been typed */
function asked(program: Program, words: readonly string[]): Program {
  const { found, rest } = nearest(program, words);
  if (rest.length > 0) found.parse(rest, { from: 'user' });
  return found;
}

/** The command that the first words lead to, and the words that are left. */
export function nearest(program: Program, words: readonly string[]): { found: Program; rest: readonly string[] } {
  const next = program.commands.find((one) => one.name() === words[0]);
  return next === undefined ? { found: program, rest: words } : nearest(next, words.slice(1));
}

/** `rotation wait`; nothing for the program itself. */
export const pathOf = (command: Program): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}`.trim() : '';

function add(row: Command, program: Program, act: Parameters<typeof programFor>[0]): void {
  const [first = '', second] = row.name.split(' ');
  const command = second === undefined ? family(program, first, row) : family(program, first, row).command(second);
  command.description(row.summary).helpCommand(false);
  command.copyInheritedSettings(program);
  for (const word of row.words.split(' ').filter(Boolean)) command.addArgument(new Argument(word));
  for (const name of row.options) {
    const { flags, says, many }: OptionRow = options[name];
    if (many) command.option(flags, says, collect);
    else command.option(flags, says);
  }
  if (row.shown !== undefined) command.usage(`${row.shown} [options]`);
  command.addHelpText('after', () => manual(row));
  command.action((..._all) => act(row, command.args, command.opts()));
}

/** The command that a first word stands for, alone or with others under it. */
function family(program: Program, first: string, { group, name, summary }: Command): Program {
  const known = program.commands.find((one) => one.name() === first);
  if (known !== undefined) return known;
  const made = program.command(first).helpGroup(`${group}:`).copyInheritedSettings(program).helpCommand(false);
  return made.description(families[first] ?? (name === first ? summary : ''));
}

function manual({ details, examples }: Command): string {
  const width = Math.min(process.stdout.columns ?? 80, 100);
  const text = details === undefined ? '' : `\n${new Help().boxWrap(details.replaceAll('\n', ' '), width)}\n`;
  return `${text}\nFor example:\n${examples.map((example) => `  keyvend ${example}`).join('\n')}`;
}
