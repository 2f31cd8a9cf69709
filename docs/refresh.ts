// Rewrites what the docs repeat from elsewhere: tables from the code, and what commands print. `npm run docs`.
// With `--check` it rewrites nothing and fails when a table is not what the code says; outputs differ from run to run.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { failures } from '../lib/errors.ts';

const errorTable = () =>
  [
    '| code | status | retry | what to do |',
    '|---|---|---|---|',
    ...Object.entries(failures).map(
      ([code, { status, retry, next }]) => `| \`${code}\` | ${status} | ${retry ? 'yes' : 'no'} | ${next} |`,
    ),
  ].join('\n');

const outputOf = (script: string) => () => {
  const printed = execFileSync('npm', ['run', '--silent', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return `\`\`\`console\n$ npm run ${script}\n${printed.trim()}\n\`\`\``;
};

/** Page, marker, and what belongs between `<!-- marker -->` and `<!-- /marker -->`. */
const tables: Repeated[] = [['errors.md', 'errors', errorTable]];
const outputs: Repeated[] = [['../README.md', 'demo', outputOf('demo')]];
type Repeated = readonly [page: string, marker: string, text: () => string];

const checking = process.argv.includes('--check');
for (const [page, marker, text] of checking ? tables : [...tables, ...outputs]) {
  const file = new URL(page, import.meta.url);
  const before = readFileSync(file, 'utf8');
  const between = new RegExp(`(<!-- ${marker} -->\n)[^]*?(<!-- /${marker} -->)`);
  if (!between.test(before)) throw new Error(`${page} has no place for ${marker}`);
  const after = before.replace(between, (_, open: string, close: string) => `${open}${text()}\n${close}`);
  if (after === before) continue;
  if (!checking) writeFileSync(file, after);
  else {
    process.stderr.write(`${page} is not what the code says; run: npm run docs\n`);
    process.exitCode = 1;
  }
}
