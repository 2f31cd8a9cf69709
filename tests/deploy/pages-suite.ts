// What the pages say of a stage, held against the packaged template and serverless.yml.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parameterNames } from '../../deploy/parameters.ts';
import { ofType, type Packaged } from './packaged.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
/** Rows of the tables between two headings of a page, as cells. */
const rowsUnder = (page: string, heading: string): string[][] =>
  (read(page).split(`\n## ${heading}\n`)[1] ?? '')
    .split('\n## ')[0]!
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
const quoted = (cell: string): string[] => [...cell.matchAll(/`([^`]*)`/g)].map(([, word]) => word!);

/** Where the page says more than an empty parameter does: what the code makes of that. */
const madeOf: Readonly<Record<string, string>> = {
  'min-coverage': '0.5',
  'min-overlap-days': '1',
  'max-overlap-days': '90',
  'least-max-age-days': '1',
  'most-max-age-days': 'none',
  'most-parallel-hosts': '20',
  'may-record-host-keys': 'as',
  'host-networks': 'none',
  'host-names': 'any',
  access: 'access.json',
};

export function pages(example: Packaged): void {
  const { default: usual } = (
    parse(read('serverless.yml'), { logLevel: 'error' }) as { params: { default: Record<string, unknown> } }
  ).params;

  describe('docs/deploy.md', () => {
    const rows = rowsUnder('docs/deploy.md', 'Parameters').filter(([names]) => names !== 'parameter');
    const said = new Map(
      rows.flatMap(([names = '', defaults = '']) => {
        const values = defaults.replaceAll('`', '').split(', ');
        return quoted(names).map((name, i) => [name, values.length > 1 ? values[i] : values[0]] as const);
      }),
    );

    it('names every parameter that a stage may have, and no other', () => {
      const elsewhere = ['access', 'aws-callers']; // on pages of their own
      expect([...said.keys()].sort()).toEqual(
        [...parameterNames, 'deployment-bucket'].filter((name) => !elsewhere.includes(name)).sort(),
      );
    });

    it.each(Object.keys(usual).filter((name) => !['access', 'aws-callers'].includes(name)))(
      'says what %s is by default',
      (name) => {
        const expected = usual[name] === '' ? (madeOf[name] ?? 'none') : String(usual[name]);
        expect(said.get(name)!.split(' ')[0]).toBe(expected);
      },
    );

    it.each([
      ['alarms', 'AWS::CloudWatch::Alarm'],
      ['log groups', 'AWS::Logs::LogGroup'],
      ['queues', 'AWS::SQS::Queue'],
    ])('says how many %s a stack has', (what, type) => {
      const [, count] = new RegExp(`\\| ${what} \\| (\\d+) \\|`).exec(read('docs/deploy.md')) ?? [];
      expect(Number(count)).toBe(ofType(example, type).length);
    });
  });
}
