// Every figure that the docs show: what is run for it, on which page it stands, and what it measures.

export interface Figure {
  readonly page: string;
  readonly script: string;
  /** The options with which the docs' figures are measured. */
  readonly words: readonly string[];
  /** Those with which it ends soon, and still goes through all that it does. */
  readonly short: readonly string[];
  /** The files and folders whose change may change the figure, besides the script's own. */
  readonly measures: readonly string[];
}

const vending = ['lib', 'functions'];
const simulated = ['lib/vending', 'tests/simulation'];
const simulation = (page: string, words: readonly string[], short: readonly string[]): Figure => ({
  ...{ page, script: 'tests/simulation/main.ts', words, short, measures: simulated },
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
  warm: {
    page: 'performance.md',
    script: 'bench/warm.ts',
    words: [],
    short: ['--short', '--requests', '30', '--timed', '12', '--concurrent', '2', '--warm-up', '6'],
    measures: vending,
  },
  queues: {
    page: 'performance.md',
    script: 'bench/queues.ts',
    words: [],
    short: ['--short', '--messages', '10', '--alone', '5', '--cloud-ms', '50'],
    measures: [...vending, 'local'],
  },
  growth: {
    page: 'performance.md',
    script: 'bench/growth.ts',
    words: [],
    short: ['--short', '--sqlite', '1000', '--dynamodb', '1000', '--rounds', '10'],
    measures: ['lib/ledger', 'lib/vending'],
  },
  fleet: {
    page: 'performance.md',
    script: 'bench/fleet.ts',
    words: [],
    short: ['--short', '--pairs', '300', '--vacant', '60', '--open', '20', '--due', '9', '--regions', '2'],
    measures: ['lib', 'bench/fleet'],
  },
  'many-hosts': {
    page: 'performance.md',
    script: 'bench/many-hosts.ts',
    words: [],
    short: ['--short', '--most', '10'],
    measures: ['lib/ledger', 'lib/vending'],
  },
  simulation: runs('reliability.md', 100_000, '--seed', '1'),
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
  year: {
    page: 'rotation.md',
    script: 'bench/year.ts',
    words: [],
    short: ['--short', '--weeks', '1', '--pairs', '1', '--hosts', '1'],
    measures: ['lib', 'local'],
  },
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
