// deploy/fc/s.yaml is what the table of functions says, and nothing else: each rule is shown by a file that breaks it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fcFunctions } from '../../deploy/fc/functions.ts';
import { allRoutes, inboxRoutes } from '../../lib/contract/routes.ts';
import { everyVariable } from '../../lib/platforms/configuration.ts';
import { rotationConfiguration } from '../../lib/platforms/rotation-configuration.ts';
import {
  bytesOf,
  complaints,
  type Deployment,
  deployment,
  environment,
  type Route,
  root,
  text,
} from './fc/deployment.ts';

const GONE = Symbol('left out');

/** What is said of a copy in which one value is another, or is left out. */
function broken(path: string, value: unknown): string {
  const copy = structuredClone(deployment());
  const names = path.split('.');
  const last = names.pop()!;
  const parent = names.reduce<Record<string, unknown>>(
    (at, name) => at[name] as Record<string, unknown>,
    copy.resources as never,
  );
  if (value === GONE) delete parent[last];
  else parent[last] = value;
  return complaints(copy).join('\n');
}

describe('the deployment on Function Compute', () => {
  it('is as the table of functions says, with nothing that fc3 does not know', () => {
    expect(complaints(deployment())).toEqual([]);
  });

  it('asks the environment for nothing that is not documented to be set', () => {
    const names: string[] = [];
    deployment(text, {}, names);
    expect([...new Set(names)].sort()).toEqual(
      Object.keys(environment)
        .filter((name) => name !== 'KEYVEND_HOST_NETWORKS')
        .sort(),
    );
  });

  const intake = 'intake.props.triggers.0.triggerConfig.runOptions';
  it.each<[string, string, unknown, RegExp]>([
    [
      'a hook of 2.0',
      'ens.props.instanceLifecycleConfig.preFreeze',
      { handler: 'x', timeout: 1 },
      /preFreeze: no such/,
    ],
    ['a misspelt property', 'ens.props.timeOut', 30, /ens\.timeOut: no such/],
    ['a misspelt property of a timer', 'settle.props.triggers.0.triggerConfig.cron', '@every 1m', /cron: no such/],
    ['a timer without a payload', 'settle.props.triggers.0.triggerConfig.payload', GONE, /payload: is missing/],
    ['another payload', 'settle.props.triggers.0.triggerConfig.payload', '{"job":"count"}', /settle\.payload/],
    [
      'a cron of five fields',
      'due.props.triggers.0.triggerConfig.cronExpression',
      '* * * * *',
      /triggerConfig\.cronExpression/,
    ],
    ['another interval', 'due.props.triggers.0.triggerConfig.cronExpression', '@every 5m', /due\.timer: "@every 1m"/],
    ['a batch that stops the stream', `${intake}.errorsTolerance`, 'NONE', /runOptions\.errorsTolerance/],
    ['a stream without dead letters', `${intake}.deadLetterQueue`, GONE, /runOptions\.deadLetterQueue: is missing/],
    ['a variable that FC refuses', 'ens.props.environmentVariables.FC_REGION', 'x', /FC_REGION: FC keeps/],
    ['a key beside that of the role', 'ens.props.environmentVariables.ALIBABA_CLOUD_ACCESS_KEY_ID', 'x', /FC keeps/],
    [
      'more variables than FC takes',
      'cvm.props.environmentVariables.KEYVEND_HOST_NAMES',
      'x'.repeat(3_000),
      /cvm: more than 4 KB/,
    ],
    ['a number for a variable', 'cvm.props.environmentVariables.KEYVEND_GRACE_DAYS', 30, /KEYVEND_GRACE_DAYS: a text/],
    [
      'two functions with one role',
      'ecs.props.role',
      'acs:ram::1234567890123456:role/keyvend-prod-ens',
      /role of two functions/,
    ],
    ['a role without its account', 'ens.props.role', 'keyvend-prod-ens', /ens\.role/],
    ['a role of a masked account', 'ens.props.role', 'acs:ram::1234********3456:role/keyvend-prod-ens', /ens\.role/],
    ['another layer', 'ens.props.layers', ['acs:fc:cn-hangzhou:official:layers/Nodejs20/versions/1'], /ens\.layers\.0/],
    ['another runtime', 'ens.props.runtime', 'nodejs20', /ens\.runtime/],
    ['the folder of another function', 'ens.props.code', '../../.package/fc/ecs', /ens\.code: "ens"/],
    ['a longer time than the table has', 'worker.props.timeout', 600, /worker\.timeout: 300/],
    [
      'a time of which it does not know',
      'worker.props.environmentVariables.KEYVEND_FC_TIMEOUT_SECONDS',
      '600',
      /TIMEOUT_SECONDS: "300"/,
    ],
    [
      'an answering function that thinks it may read keys',
      'ens.props.environmentVariables.KEYVEND_READS_KEYS',
      GONE,
      /ens\.KEYVEND_READS_KEYS/,
    ],
    ['a function that is not in the table', 'extra', deployment().resources.ens, /extra: is no function of ours/],
    ['a function that is left out', 'sender', GONE, /sender: has no entry/],
    [
      'an address of its own beside the domain',
      'ens.props.triggers.0.triggerConfig.disableURLInternet',
      GONE,
      /is missing/,
    ],
    [
      'an HTTP trigger on a function that takes events',
      'due.props.triggers',
      deployment().resources.catalog!.props.triggers,
      /due\.methods/,
    ],
    ['plain HTTP', 'domain.props.protocol', 'HTTP,HTTPS', /domain\.protocol/],
    [
      'a route to another function',
      'domain.props.routeConfig.routes.0.functionName',
      'keyvend-prod-ecs',
      /\/v1\/ens\/\* leads to ens/,
    ],
    ['a route without a method', 'domain.props.routeConfig.routes.3.methods', ['GET'], /\/\* leads to catalog/],
  ])('would be refused with %s', (_, path, value, why) => {
    expect(broken(path, value)).toMatch(why);
  });

  it('has no secret in it: what is one comes from the environment of whoever deploys', () => {
    const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
    const secret = lines.filter((line) => /password|secret|token|POSTGRES_URL|privateKey/i.test(line.split(' #')[0]!));
    expect(secret.length).toBeGreaterThan(0);
    for (const line of secret) expect(line).toMatch(/\$\{env\('\w+'\)\}/);
  });

  it('keeps what it is told as a text: digits are no number, and nothing is no null', () => {
    const open = text.split('\n').filter((line) => /\$\{env\(/.test(line) && !/"\$\{env\([^"]*\)\}"/.test(line));
    expect(open).toEqual([]);
  });

  it('sets no variable that keyvend does not know', () => {
    const others = ['KEYVEND_PLATFORM', 'KEYVEND_LEDGER', 'KEYVEND_STORE', 'PATH'];
    const known = new Set([...everyVariable(), ...Object.keys(rotationConfiguration('serve').shape), ...others]);
    const { domain: _, ...functions } = deployment().resources;
    const set = Object.values(functions).flatMap(({ props }) => Object.keys(props.environmentVariables));
    expect([...new Set(set)].filter((name) => !known.has(name))).toEqual([]);
  });

  it('gives one connection to what answers one request at a time, and as many as usual to what works on several messages', () => {
    const { domain: _, ...functions } = deployment().resources;
    for (const [name, { props }] of Object.entries(functions)) {
      const connections = props.environmentVariables.KEYVEND_POSTGRES_CONNECTIONS;
      expect(connections, name).toBe(fcFunctions[name]!.path === undefined ? undefined : '1');
      if (connections !== undefined) expect(props.instanceConcurrency, name).toBe(1);
    }
  });

  it('has room for more variables where they are as long as they may come to be', () => {
    const { domain: _, ...functions } = deployment().resources;
    for (const { props } of Object.values(functions)) expect(bytesOf(props.environmentVariables)).toBeLessThan(3_000);
  });
});

describe('the page about deploying', () => {
  const page = readFileSync(join(root, 'docs/deploy-fc.md'), 'utf8');
  const functions = Object.entries(deployment().resources).filter(([name]) => name !== 'domain');

  it('has every function with the seconds that it may run', () => {
    const rows = [...page.matchAll(/^\| ((?:`\w+`(?:, )?)+) \| [^|]* \| ([\d, ]+) \|/gm)].flatMap(
      ([, names = '', seconds = '']) => {
        const times = seconds.split(',').map(Number);
        return [...names.matchAll(/\w+/g)].map(([name], i) => [name, times[i] ?? times[0]]);
      },
    );
    expect(Object.fromEntries(rows)).toEqual(
      Object.fromEntries(functions.map(([name, { props }]) => [name, props.timeout])),
    );
  });

  it('counts the calls of timers and the instances that are reserved', () => {
    const timers = Object.values(fcFunctions).flatMap(({ timer }) => (timer ? [timer.minutes] : []));
    const calls = timers.reduce((sum, minutes) => sum + (24 * 60) / minutes, 0);
    expect(page).toContain(`${calls.toLocaleString('en')} calls a day`);
    const reserved = functions.reduce((sum, [, { props }]) => sum + props.concurrencyConfig.reservedConcurrency, 0);
    expect(page).toContain(`| instances | ${reserved} are reserved`);
  });

  it('names every variable that has to be set', () => {
    const names: string[] = [];
    deployment(text, {}, names);
    expect(names.filter((name) => !page.includes(`${name}=`))).toEqual([]);
  });
});

describe('the custom domain', () => {
  const leadsTo = (path: string): Route | undefined =>
    [...deployment().resources.domain!.props.routeConfig.routes]
      .sort((a, b) => b.path.length - a.path.length)
      .find((route) => path.startsWith(route.path.slice(0, -1)));
  const keys = [...allRoutes().map(({ key }) => key), ...Object.values(inboxRoutes)];

  it.each(keys)('hands on %s, by its method, to the function that has it', (key) => {
    const [method = '', pattern = ''] = key.split(' ');
    for (const provider of pattern.includes('{provider}') ? ['ens', 'ecs', 'cvm'] : ['']) {
      const path = pattern.replace('{provider}', provider).replace(/\{\w+\}/g, 'x');
      const route = leadsTo(path);
      const name = route?.functionName.replace('keyvend-prod-', '') ?? '';
      expect([name, route?.methods.includes(method)]).toEqual([
        /^\/v1\/(ens|ecs|cvm)\//.exec(path)?.[1] ?? 'catalog',
        true,
      ]);
      expect(fcFunctions[name]!.methods).toContain(method);
    }
  });

  it('leads to no function that takes events', () => {
    const names = (deployment() as Deployment).resources.domain!.props.routeConfig.routes.map(
      ({ functionName }) => functionName,
    );
    const events = Object.entries(fcFunctions).filter(([, { methods }]) => methods === undefined);
    expect(events.filter(([name]) => names.includes(`keyvend-prod-${name}`))).toEqual([]);
  });
});
