// Tables as people see them, on a terminal and in a pipe.
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../../local/plain.ts';
import { stateCell, tableLines } from '../../../local/table.ts';

const head = ['NAME', 'STATE', 'BY'];

describe('a table', () => {
  it('has its columns below one another, also where characters are twice as wide, or have no width', () => {
    const rows = [
      ['web', 'active', 'a'],
      ['生产环境', 'active', 'b'],
      ['e\u0301dge', 'active', 'c'],
    ];
    const lines = tableLines(head, rows);
    expect(lines).toEqual([
      'NAME      STATE   BY',
      'web       active  a',
      '生产环境  active  b',
      'e\u0301dge      active  c',
    ]);
    const where = lines.slice(1).map((line) => columnsOf(line.slice(0, line.indexOf('active'))));
    expect(new Set(where)).toEqual(new Set([10]));
  });

  it('is no wider than the terminal: the widest column is cut, and says so', () => {
    const lines = tableLines(head, [['web', 'active', 'x'.repeat(200)]], 40);
    expect(columnsOf(lines[1]!)).toBe(40);
    expect(lines[1]).toMatch(/x…$/);
    expect(tableLines(head, [['web', 'active', 'x'.repeat(200)]])[1]).toContain('x'.repeat(200));
  });

  it('is printed whole where a terminal is too narrow for any table', () => {
    expect(tableLines(head, [['a'.repeat(30), 'b', 'c']], 5)[1]).toMatch(/^a{7}… /);
  });

  it('has colours where they are wanted, and the same text without them', () => {
    const rows = [['web', stateCell('active'), 'a']];
    const coloured = tableLines(head, rows, 80, true);
    expect(coloured[1]).toContain('\u001b[32mactive\u001b[39m');
    expect(coloured.map(stripVTControlCharacters)).toEqual(tableLines(head, rows, 80));
  });

  it('has nothing in it that a terminal would obey', () => {
    expect(tableLines(head, [['\u001b]0;x\u0007', 'active', 'a\u202eb']]).join('')).not.toMatch(/\p{C}/u);
  });
});
