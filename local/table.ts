// Rows in columns for people: as wide as what is in them; on a terminal no wider than it is, with colours unless NO_COLOR is set.
import { styleText } from 'node:util';
import { columnsOf, cutTo, plain } from './plain.ts';

export type Tone = 'green' | 'yellow' | 'red' | 'dim';
export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
}
type Row = readonly (string | Cell)[];

const cellOf = (cell: string | Cell): Cell => (typeof cell === 'string' ? { text: cell } : cell);

const GAP = 2;
const LEAST = 8;

/** @param width of the terminal; undefined in a pipe, where nothing is cut @param colour see `onTerminal` */
export function tableLines(head: readonly string[], rows: readonly Row[], width?: number, colour = false): string[] {
  const all = [head, ...rows].map((row) => row.map(cellOf).map((cell) => ({ ...cell, text: plain(cell.text) })));
  const widths = head.map((_, i) => Math.max(...all.map((row) => columnsOf(row[i]?.text ?? ''))));
  const over = widths.reduce((sum, one) => sum + one + GAP, -GAP) - (width ?? Number.POSITIVE_INFINITY);
  shrink(widths, over);
  return all.map((row, i) =>
    row
      .map(({ text, tone }, column) => {
        const cut = width === undefined ? text : cutTo(text, widths[column]!);
        const space = column === row.length - 1 ? '' : ' '.repeat(widths[column]! - columnsOf(cut) + GAP);
        const style = i === 0 ? 'bold' : tone;
        return `${colour && style ? styleText(style, cut, { validateStream: false }) : cut}${space}`;
      })
      .join('')
      .trimEnd(),
  );
}

/** Takes from the widest, one column at a time. */
function shrink(widths: number[], over: number): void {
  for (let left = over; left > 0; left -= 1) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= LEAST) return;
    widths[widest]! -= 1;
  }
}

/** What standard output is: nothing is cut or coloured in a pipe. */
const onTerminal = (out: NodeJS.WriteStream = process.stdout): readonly [number | undefined, boolean] =>
  out.isTTY ? [out.columns, out.hasColors() && (process.env.NO_COLOR ?? '') === ''] : [undefined, false];

/** @param none what is said where there are no rows */
export function printTable(head: readonly string[], rows: readonly Row[], none: string): void {
  const lines = rows.length === 0 ? [none] : tableLines(head, rows, ...onTerminal());
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

/** Where a state has a colour, it is the same everywhere. */
export function stateCell(state: string): Cell {
  if (/^(active|promoted|purged|ok|old-key-removed)$/.test(state)) return { text: state, tone: 'green' };
  if (/^(buried|failed|removing)$/.test(state)) return { text: state, tone: 'red' };
  if (/^(retired|cancelled|done|removed)$/.test(state)) return { text: state, tone: 'dim' };
  return { text: state, tone: 'yellow' };
}
