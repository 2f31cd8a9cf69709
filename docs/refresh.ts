// Rewrites what the docs repeat from elsewhere: the error table from the code. `npm run docs`; with `--check`, only tells.
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

/** Page, marker, and what belongs between `<!-- marker -->` and `<!-- /marker -->`. */
const repeated: [page: string, marker: string, text: () => string][] = [['errors.md', 'errors', errorTable]];

let stale = 0;
for (const [page, marker, text] of repeated) {
  const file = new URL(page, import.meta.url);
  const before = readFileSync(file, 'utf8');
  const between = new RegExp(`(<!-- ${marker} -->\n)[^]*?(<!-- /${marker} -->)`);
  const after = before.replace(between, (_, open: string, close: string) => `${open}${text()}\n${close}`);
  if (after === before) continue;
  stale += 1;
  if (process.argv.includes('--check')) process.stderr.write(`docs/${page} is not what the code says: npm run docs\n`);
  else writeFileSync(file, after);
}
process.exitCode = process.argv.includes('--check') && stale > 0 ? 1 : 0;
