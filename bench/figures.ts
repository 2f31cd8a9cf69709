// `npm run figures`: measures again what the docs show, and writes it there. All of it takes about three hours; with names, only
// those: npm run figures -- cold-start queues. With `--age` it measures nothing, and says what has changed since each was measured.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { type Figure, figures } from './support/figure-list.ts';

const git = (...words: string[]): string => execFileSync('git', words, { encoding: 'utf8' }).trim();
const fileOf = (page: string) => new URL(`../docs/${page}`, import.meta.url);
const pagesOf = ({ page, also = [] }: Figure) => [page, ...also];
const between = (name: string) => new RegExp(`(<!-- figures:${name} -->\n)([^]*?)(<!-- /figures:${name} -->)`);

/** Where it was measured, so that anyone can see what has changed since. */
function commit(): string {
  const changed = git('status', '--porcelain', '--', ':!docs') === '' ? '' : ' with changes';
  return `${git('rev-parse', '--short=12', 'HEAD')}${changed}`;
}

function measure(name: string, figure: Figure): void {
  for (const page of pagesOf(figure))
    if (!between(name).test(readFileSync(fileOf(page), 'utf8'))) throw new Error(`${page} has no place for ${name}`);
  const words = [figure.script, ...figure.words];
  const at = commit(); // it may take hours, and the next commit come
  const { stdout, status } = spawnSync(process.execPath, words, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (stdout.trim() === '') throw new Error(`${name} gave no figures`); // the figures in the docs stay
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model.trim()}), Node ${process.versions.node}`;
  const shown = stdout.includes('|') ? stdout.trim() : `\`\`\`\n${stdout.trim()}\n\`\`\``;
  const fresh = `${shown}\n\nMeasured by \`node ${words.join(' ')}\` on ${machine}, at commit ${at}.`;
  for (const page of pagesOf(figure)) {
    const text = readFileSync(fileOf(page), 'utf8');
    const written = text.replace(
      between(name),
      (_, open: string, _old: string, close: string) => `${open}${fresh}\n${close}`,
    );
    writeFileSync(fileOf(page), written);
  }
  process.stderr.write(`${name}: ended with ${status}\n`);
  if (status !== 0) process.exitCode = 1;
}

function ageOf(name: string, figure: Figure): string {
  const [, , text = ''] = between(name).exec(readFileSync(fileOf(figure.page), 'utf8')) ?? [];
  const since = /, at commit ([0-9a-f]{12})/.exec(text)?.[1];
  if (since === undefined) return 'measured before figures said at which commit';
  try {
    const changed = git('diff', '--name-only', since, '--', figure.script, ...figure.measures);
    const count = changed === '' ? 0 : changed.split('\n').length;
    return `${since}: ${count === 0 ? 'nothing that it measures has changed since' : `${count} files that it measures have changed since`}`;
  } catch {
    return `${since}: a commit that is not here`;
  }
}

const words = process.argv.slice(2);
const names = words.filter((word) => word !== '--age');
for (const name of names.length > 0 ? names : Object.keys(figures)) {
  const figure = figures[name];
  if (figure === undefined)
    throw new TypeError(`no figure is called ${name}; there are ${Object.keys(figures).join(', ')}`);
  if (words.includes('--age')) process.stdout.write(`${name}, docs/${figure.page}: ${ageOf(name, figure)}\n`);
  else measure(name, figure);
}
