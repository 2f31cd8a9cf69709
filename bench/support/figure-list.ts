// Every figure that the docs show: what is run for it, on which page it stands, and what it measures.

export interface Figure {
  readonly page: string;
  /** Where it stands as well. */
  readonly also?: readonly string[];
  readonly script: string;
  /** The options with which the docs' figures are measured. */
  readonly words: readonly string[];
  /** Those with which it ends soon, and still goes through all that it does. */
  readonly short: readonly string[];
  /** The files and folders whose change may change the figure, besides the script's own. */
  readonly measures: readonly string[];
}

const vending = ['lib', 'functions'];
const ledgers = ['lib/ledger', 'lib/vending'];
/** Measured by bench/<name>.ts. @param short beside `--short` */
const bench = (name: string, page: string, short: readonly string[], measures: readonly string[]): Figure => ({
  ...{ page, script: `bench/${name}.ts`, words: [], short: ['--short', ...short], measures },
});
/** The queues' benchmark over an inbox. */
const overInbox = (kind: 'sqlite' | 'postgres'): Figure => {
  const few = ['--messages', '10', '--alone', '5', '--cloud-ms', '50'];
  const words = ['--inbox', kind];
  return { ...bench('queues', 'performance.md', [...words, ...few], [...vending, 'local', 'bench/queues']), words };
};

const simulation = (page: string, words: readonly string[], short: readonly string[]): Figure => ({
  ...{ page, script: 'tests/simulation/main.ts', words, short, measures: ['lib/vending', 'tests/simulation'] },
});
const runs = (page: string, count: number, ...words: readonly string[]): Figure =>
  simulation(page, ['--runs', String(count), ...words], ['--runs', '20', ...words]);

export const figures: Readonly<Record<string, Figure>> = {
  'cold-start': {
    page: 'performance.md',
    script: 'bench/cold-start.ts',
    words: ['--svg', 'docs/cold-start.svg'],
    short: ['--rounds', '1', '--max', '1', '--only', 'cvm.http'],
    measures: [...vending, 'serverless.yml', 'deploy'],
  },
  'fc-cold-start': bench('fc-cold-start', 'performance.md', ['--rounds', '1'], [...vending, 'deploy/fc', 'bench/fc']),
  distance: {
    ...bench('distance', 'performance.md', ['--only', 'cvm'], [...vending, 'deploy', 'bench/distance']),
    words: ['--svg', 'docs/distance.svg'],
  },
  memory: bench('memory', 'performance.md', [], [...vending, 'bench/memory']),
  warm: bench(
    'warm',
    'performance.md',
    ['--requests', '30', '--timed', '12', '--concurrent', '2', '--warm-up', '6'],
    vending,
  ),
  queues: bench(
    'queues',
    'performance.md',
    ['--messages', '10', '--alone', '5', '--cloud-ms', '50'],
    [...vending, 'local'],
  ),
  'queues-sqlite': overInbox('sqlite'),
  'queues-postgres': overInbox('postgres'),
  growth: bench(
    'growth',
    'performance.md',
    ['--sqlite', '1000', '--postgres', '1000', '--dynamodb', '1000', '--rounds', '10'],
    ledgers,
  ),
  vends: bench(
    'vends',
    'performance.md',
    ['--vends', '20', '--rounds', '1'],
    [...ledgers, 'lib/postgres', 'lib/secrets/kv', 'local/clouds', 'local/kv'],
  ),
  fleet: bench(
    'fleet',
    'performance.md',
    ['--pairs', '300', '--vacant', '60', '--open', '20', '--due', '9', '--regions', '2'],
    ['lib', 'bench/fleet'],
  ),
  'many-hosts': bench('many-hosts', 'performance.md', ['--most', '10'], ledgers),
  portal: bench('portal', 'portal.md', [], ['portal', 'client', 'local/sign-in']),
  'key-source': bench(
    'key-source',
    'key-source.md',
    ['--keys', '3', '--rounds', '1', '--idle-ms', '300'],
    [...ledgers, 'lib/ssh', 'lib/providers', 'lib/secrets/kv', 'local/clouds', 'local/kv', 'bench/key-source'],
  ),
  simulation: { ...runs('reliability.md', 100_000, '--seed', '1'), also: ['key-source.md'] },
  'simulation-import': { ...runs('reliability.md', 100_000, '--import', '--seed', '1'), also: ['key-source.md'] },
  exhaustive: simulation(
    'reliability.md',
    ['--exhaustive', '--all'],
    ['--exhaustive', '--family', 'one', '--stride', '20000'],
  ),
  rotation: runs('rotation.md', 100_000, '--rotation', '--at-once', '2'),
  'rotation-faults': simulation(
    'rotation.md',
    ['--rotation', '--exhaustive', '--all', '--at-once', '2'],
    ['--rotation', '--exhaustive', '--stride', '1000', '--at-once', '2'],
  ),
  year: bench('year', 'rotation.md', ['--weeks', '1', '--pairs', '1', '--hosts', '1'], ['lib', 'local']),
  editors: {
    page: 'rotation.md',
    script: 'bench/editors.ts',
    words: [],
    short: ['--edits', '3'],
    measures: ['lib/hosts'],
  },
  windows: runs('reliability.md', 20_000, '--windows'),
  neighbour: runs('reliability.md', 20_000, '--neighbour', 'own'),
  copied: runs('reliability.md', 20_000, '--neighbour', 'copied'),
  restored: runs('reliability.md', 20_000, '--restored'),
  moved: runs('reliability.md', 20_000, '--moved'),
  adopted: runs('reliability.md', 20_000, '--adopted'),
  stores: runs('reliability.md', 100_000, '--stores'),
  'stores-rotation': runs('reliability.md', 5_000, '--rotation', '--stores', '--at-once', '2'),
  matrix: {
    page: 'configuration.md',
    script: 'tests/matrix/main.ts',
    words: [],
    short: ['--only', 'fc x embedded x sqlite'],
    measures: [...vending, 'local', 'deploy/fc', 'tests/matrix'],
  },
  rights: {
    page: 'rights.md',
    script: 'tests/rights/main.ts',
    words: [],
    short: [], // its own tests run all of it
    measures: [...vending, 'deploy', 'serverless.yml', 'tests/rights'],
  },
  fuzz: {
    page: 'access.md',
    script: 'tests/stack/fuzz.ts',
    words: ['--requests', '50000'],
    short: ['--requests', '50'],
    measures: ['lib/access', 'lib/application', 'lib/contract'],
  },
  chaos: {
    page: 'reliability.md',
    script: 'bench/chaos.ts',
    words: ['--yardstick'],
    short: ['--kills', '1', '--clients', '1', '--yardstick'],
    measures: [...vending, 'local'],
  },
  'chaos-serve': {
    page: 'reliability.md',
    script: 'bench/chaos.ts',
    words: ['--platform', 'serve', '--kills', '200'],
    short: ['--platform', 'serve', '--kills', '0', '--clients', '1'],
    measures: [...vending, 'local', 'lib/inbox', 'lib/platforms/serve', 'lib/secrets/kv', 'lib/ledger/postgres'],
  },
  cost: {
    page: 'on-call.md',
    script: 'bench/cost.ts',
    words: [],
    short: [],
    measures: ['deploy/alarms.ts', 'deploy/logged-alarms.ts'],
  },
  'clouds-create': {
    page: 'local-clouds.md',
    script: 'bench/clouds-create.ts',
    words: [],
    short: ['--in-a-row', '20', '--at-once', '5'],
    measures: ['local/clouds'],
  },
};
