// `npm run figures`: measures again what the docs show, and writes it there. All of it takes about an hour; with names, only
// those: npm run figures -- cold-start queues
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

interface Figure {
  readonly page: string;
  /** What is run, with its options. */
  readonly command: readonly string[];
}

const figures: Readonly<Record<string, Figure>> = {
  'cold-start': {
    page: 'performance.md',
    command: ['bench/cold-start.ts', '--svg', 'docs/cold-start.svg'],
  },
  warm: { page: 'performance.md', command: ['bench/warm.ts'] },
  queues: { page: 'performance.md', command: ['bench/queues.ts'] },
  growth: { page: 'performance.md', command: ['bench/growth.ts'] },
  'many-hosts': { page: 'performance.md', command: ['bench/many-hosts.ts'] },
  simulation: {
    page: 'reliability.md',
    command: ['tests/simulation/main.ts', '--runs', '100000', '--seed', '1'],
  },
  exhaustive: { page: 'reliability.md', command: ['tests/simulation/main.ts', '--exhaustive', '--all'] },
  rotation: {
    page: 'rotation.md',
    command: ['tests/simulation/main.ts', '--rotation', '--runs', '25000', '--at-once', '2'],
  },
  'rotation-faults': {
    page: 'rotation.md',
    command: ['tests/simulation/main.ts', '--rotation', '--exhaustive', '--at-once', '2'],
  },
  year: { page: 'rotation.md', command: ['bench/year.ts'] },
  editors: { page: 'rotation.md', command: ['bench/editors.ts'] },
  windows: { page: 'reliability.md', command: ['tests/simulation/main.ts', '--runs', '20000', '--windows'] },
  neighbour: { page: 'reliability.md', command: ['tests/simulation/main.ts', '--runs', '20000', '--neighbour', 'own'] },
  copied: { page: 'reliability.md', command: ['tests/simulation/main.ts', '--runs', '20000', '--neighbour', 'copied'] },
  restored: { page: 'reliability.md', command: ['tests/simulation/main.ts', '--runs', '20000', '--restored'] },
  moved: { page: 'reliability.md', command: ['tests/simulation/main.ts', '--runs', '20000', '--moved'] },
  rights: { page: 'rights.md', command: ['tests/rights/main.ts'] },
  fuzz: { page: 'access.md', command: ['tests/stack/fuzz.ts', '--requests', '50000'] },
  chaos: {
    page: 'reliability.md',
    command: ['bench/chaos.ts', '--yardstick'],
  },
};

const wanted = process.argv.slice(2);
for (const name of wanted.length > 0 ? wanted : Object.keys(figures)) {
  const figure = figures[name];
  if (figure === undefined)
    throw new TypeError(`no figure is called ${name}; there are ${Object.keys(figures).join(', ')}`);
  const [script = '', ...words] = figure.command;
  const { stdout, status } = spawnSync(process.execPath, [script, ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (stdout.trim() === '') throw new Error(`${name} gave no figures`); // the figures in the docs stay
  const page = new URL(`../docs/${figure.page}`, import.meta.url);
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model.trim()}), Node ${process.versions.node}`;
  const shown = stdout.includes('|') ? stdout.trim() : `\`\`\`\n${stdout.trim()}\n\`\`\``;
  const fresh = `${shown}\n\nMeasured by \`node ${figure.command.join(' ')}\` on ${machine}.`;
  const before = readFileSync(page, 'utf8');
  const between = new RegExp(`(<!-- figures:${name} -->\n)[^]*?(<!-- /figures:${name} -->)`);
  if (!between.test(before)) throw new Error(`${figure.page} has no place for ${name}`);
  writeFileSync(
    page,
    before.replace(between, (_, open: string, close: string) => `${open}${fresh}\n${close}`),
  );
  process.stderr.write(`${name}: ended with ${status}\n`);
  if (status !== 0) process.exitCode = 1;
}
