// What the pages say of codes, variables, routes, commands, statuses and defaults, held against the code. What is made from it is in
// docs/refresh.ts, paths and links in docs/names.ts.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openApi } from '../../../lib/contract/openapi/document.ts';
import { PolicyBody } from '../../../lib/contract/policy-body.ts';
import { allRoutes, inboxRoutes } from '../../../lib/contract/routes.ts';
import { failures } from '../../../lib/errors.ts';
import { everyVariable } from '../../../lib/platforms/configuration.ts';
import { rotationConfiguration, rotationConfigurationFrom } from '../../../lib/platforms/rotation-configuration.ts';
import { kinds } from '../../../lib/vending/finding.ts';
import { options as optionRows } from '../../../local/commands/options.ts';
import { commands as commandRows } from '../../../local/commands/table.ts';
import { OF_COMMANDS } from '../../../local/of-commands.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const pages = [
  'README.md',
  ...readdirSync(new URL('docs', root)).flatMap((file) => (file.endsWith('.md') ? [`docs/${file}`] : [])),
];
const texts = pages.map((page) => [page, read(page)] as const);
/** Of all pages, with the page it is on. */
const found = (pattern: RegExp): (readonly [page: string, ...groups: string[]])[] =>
  texts.flatMap(([page, text]) => [...text.matchAll(pattern)].map(([, ...groups]) => [page, ...groups] as const));

const variables = new Set([
  ...['KEYVEND_PLATFORM', 'KEYVEND_LEDGER', 'KEYVEND_STORE'],
  ...everyVariable(),
  ...['KEYVEND_CONFIG', 'KEYVEND_LOG_LEVEL'], // of a server's own file
  ...Object.keys(rotationConfiguration().shape),
  ...['KEYVEND_CLOUDS', 'KEYVEND_CLOUDS_CA', 'KEYVEND_CLOUDS_PORT', 'KEYVEND_RECOVERY_MS'], // of `npm start`
  ...OF_COMMANDS,
  ...['KEYVEND_TEST_KV_ADDRESS', 'KEYVEND_TEST_KV_TOKEN'], // of `npm test`
]);

describe('the pages', () => {
  it('name no code that keyvend does not give', () => {
    const notCodes = /^(KEYVEND|AWS|ALIBABA_CLOUD|BAO|VAULT|NODE|SSH|FC)_|^(SAME_KEY|DUE_SHARDS|ALL_PROXY|NO_COLOR)$/;
    const named = found(/`([A-Z]+(?:_[A-Z]+)+)`/g).filter(([, word = '']) => !notCodes.test(word));
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter(([, code = '']) => !Object.hasOwn(failures, code))).toEqual([]);
  });

  it('name no variable that nobody reads', () => {
    const named = found(/\b(KEYVEND_[A-Z_]*[A-Z])\b/g);
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter(([, name = '']) => !variables.has(name))).toEqual([]);
  });

  it('name no route that is not there', () => {
    const ofServers = ['GET /ready', 'GET /metrics']; // beside the contract
    const keys = [...allRoutes().map(({ key }) => key), ...Object.values(inboxRoutes), ...ofServers];
    const forms = (key: string) =>
      new RegExp(
        `^${key
          .replace(/[.?]/g, '\\$&')
          .replace(/\{\w+\}/g, '[^/]+')
          .replace(/\/v1\/(ens|ecs|cvm)\//, '/v1/[^/]+/')}$`,
      );
    const named = found(/`((?:GET|POST|PUT|DELETE) \/[^`\s?]*)/g);
    expect(named.length).toBeGreaterThan(5);
    const ours = named.filter(([, key = '']) => !key.includes(' /admin')); // the local clouds' own
    expect(ours.filter(([, key = '']) => !keys.some((one) => forms(one).test(key)))).toEqual([]);
  });

  it('name no command of keyvend, and none of its options, that is not there', () => {
    const commands = new Set(['help', ...commandRows.map(({ name }) => name.split(' ')[0]!)]);
    const options = new Set(Object.values(optionRows).map(({ flags }) => /--([a-z-]+)/.exec(flags)![1]));
    const named = found(/npx keyvend ((?:[\w<>|{}./:$"@-]+ ?)+)/g);
    expect(named.length).toBeGreaterThan(20);
    const unknown = named.filter(([, words = '']) => {
      const [command = ''] = words.split(' ');
      if (command === '--help') return false;
      return !commands.has(command) || [...words.matchAll(/--([a-z-]+)/g)].some(([, option]) => !options.has(option!));
    });
    expect(unknown).toEqual([]);
  });

  it('name no finding that a comparison does not make', () => {
    const named = found(/`([a-z]+-only|fingerprint-[a-z]+|stray-[a-z]+|unrecorded|unacknowledged)`/g);
    expect(named.filter(([, kind = '']) => !(kinds as readonly string[]).includes(kind))).toEqual([]);
  });
});

describe('the commands of the pages', () => {
  const blocks = texts.flatMap(([page, text]) =>
    [...text.matchAll(/^( *)```sh\n([\s\S]*?)^ *```$/gm)].map(([, indent = '', block = '']) => ({
      page,
      block: block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    })),
  );

  it.each(blocks)('can be read by bash: $page, $block', ({ block }) => {
    // What is to be filled in stands between angle brackets.
    const filled = block.replaceAll(/<[a-z][a-z -]*>/g, 'filled');
    expect(spawnSync('bash', ['-n'], { input: filled, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  it('name no route of the API that there is not', () => {
    const { paths } = openApi({ inbox: true }) as { paths: Record<string, Record<string, object>> };
    const known = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({
        method,
        pattern: new RegExp(`^.*${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
      })),
    );
    const named = found(/`(GET|POST|PUT|DELETE) ((?:\/v1\/|\.\.\.)[^`?]*)(?:\?[^`]*)?`/g);
    expect(named.length).toBeGreaterThan(20);
    const absent = named.filter(([, method = '', path = '']) => {
      const whole = path
        .replace(/^\.\.\.(?=\/key-pairs)/, '/v1/ecs')
        .replace(/^\.\.\./, '/v1/ecs/key-pairs/x')
        .replace('{ens,ecs,cvm}', 'ecs');
      return !known.some((one) => one.method === method.toLowerCase() && one.pattern.test(whole));
    });
    expect(absent.map(([all]) => all)).toEqual([]);
  });

  it('call no script of package.json that is not there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const called = found(/npm run (?:--silent )?([a-z-]+)/g);
    expect(called.length).toBeGreaterThan(10);
    expect(called.filter(([, name = '']) => !Object.hasOwn(scripts, name))).toEqual([]);
  });
});

describe('README', () => {
  it.each(
    [...read('README.md').matchAll(/^\| `(GET|POST|DELETE) ([^`]*?)(?:\?[^`]*)?` \| (\d{3})/gm)].map(
      ([, ...row]) => row,
    ),
  )('says with which status %s %s answers', (method, path, status) => {
    const { paths } = openApi() as { paths: Record<string, Record<string, { responses: object }>> };
    const short = path!.replace('...', '').replace('{ens,ecs,cvm}', 'ens');
    const [entry] = Object.entries(paths).filter(([one]) => one.endsWith(short));
    expect(Object.keys(entry?.[1][method!.toLowerCase()]?.responses ?? {})).toContain(status);
  });
});

describe('rotation.md', () => {
  const rows = read('docs/rotation.md')
    .split('| field | default | meaning |')[1]!
    .split('\n\n')[0]!
    .matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm);
  const said = new Map([...rows].map(([, field, value]) => [field!, value!.trim()]));

  it('lists every field of a policy', () => {
    expect([...said.keys()].sort()).toEqual(Object.keys(PolicyBody.def.shape).sort());
  });

  it('says what each is by default', () => {
    const usual = rotationConfigurationFrom({ KEYVEND_ROTATION_QUEUE_URL: 'http://127.0.0.1/' });
    const expected = {
      maxAgeDays: '0',
      overlapDays: String(usual.KEYVEND_OVERLAP_DAYS),
      coverage: String(usual.KEYVEND_COVERAGE),
      maxParallelHosts: String(usual.KEYVEND_MAX_PARALLEL_HOSTS),
      recordHostKeys: usual.KEYVEND_RECORD_HOST_KEYS,
    };
    expect(Object.fromEntries(said)).toMatchObject(expected);
  });
});
