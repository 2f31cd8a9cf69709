// The tables of docs/command-line.md, from the rows of the commands.
import { groups } from '../local/commands/command.ts';
import { commands } from '../local/commands/table.ts';
import { exitCodes } from '../local/exit-codes.ts';

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

export const commandTable = (): string =>
  groups
    .map((group) => commands.filter((one) => one.group === group))
    .filter((rows) => rows.length > 0)
    .flatMap((rows) => [
      `| ${rows[0]!.group} | |`,
      '|---|---|',
      ...rows.map(
        ({ name, words, shown = words, summary }) => `| \`keyvend ${`${name} ${shown}`.trim()}\` | ${cell(summary)} |`,
      ),
      '',
    ])
    .join('\n')
    .trimEnd();

export const exitCodeTable = (): string =>
  ['| code | meaning |', '|---|---|', ...Object.entries(exitCodes).map(([code, says]) => `| ${code} | ${says} |`)].join(
    '\n',
  );
