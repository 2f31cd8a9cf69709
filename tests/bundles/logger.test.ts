// The log as it is deployed, without what is left out (deploy/left-out), has the lines of its source.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { bundled } from '../../deploy/bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyvend-logger-'));
const { file } = await bundled('lib/platforms/logger.ts', join(folder, 'logger.js'));
const source = join(import.meta.dirname, '../../lib/platforms/logger.ts');
afterAll(() => rmSync(folder, { recursive: true }));

/** What functions log: flat fields, lists, objects, what is undefined, errors of ours and of others, and an invocation around them. */
const program = (module: string) => `
import { createRequire } from 'node:module';
const { log, logger } = ${JSON.stringify(module)}.endsWith('.ts') ? await import(${JSON.stringify(module)}) : createRequire(${JSON.stringify(file)})(${JSON.stringify(module)});
const context = (n) => ({ awsRequestId: 'r' + n, functionName: 'ecsHttp', functionVersion: '$LATEST', memoryLimitInMB: '512', invokedFunctionArn: 'arn:' + n });
for (const n of [1, 2]) {
  logger.addContext(context(n));
  log.info('vended', { provider: 'ecs', keyPairId: undefined, created: true, ms: 0, note: '', none: null });
  log.warn('finding', { place: { provider: 'ecs', region: { id: 'cn' } }, names: ['a', { b: ['c'] }], level: 'x', message: 'y' });
  log.failed(new TypeError('not shown'), { provider: 'ens' });
  log.failed('a word');
  logger.appendKeys({ stage: { n }, list: [n, n] });
  log.info('with keys', { n });
  logger.appendPersistentKeys({ always: { n } });
  log.info('with persistent keys', { __proto__: { inherited: 1 }, constructor: 'no', n });
  logger.resetKeys();
}
`;

function linesOf(module: string, more: Record<string, string>): unknown[] {
  const lambda = { AWS_LAMBDA_FUNCTION_NAME: 'ecsHttp', AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand' };
  const env = { PATH: process.env.PATH, ...lambda, ...more };
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', program(module)], { env, encoding: 'utf8' });
  return `${run.stdout}${run.stderr}`
    .split('\n')
    .filter((line) => /^\{./.test(line) || /^\w*Error: /.test(line))
    .map((line) => (line.startsWith('{') ? { ...JSON.parse(line), timestamp: 'then' } : 'an error'));
}

const trace = '1-5759e988-bd862e3fe1be46a994272793';
it.each([
  [12, {}],
  [12, { _X_AMZN_TRACE_ID: `Root=${trace};Parent=53995c3f42cd8ad8;Sampled=1`, POWERTOOLS_SERVICE_NAME: 'other' }],
  [12, { _X_AMZN_TRACE_ID: `Self=1;Root=${trace}` }],
  [12, { _X_AMZN_TRACE_ID: trace, ENVIRONMENT: ' trial ', AWS_REGION: 'eu-central-1' }],
  [12, { _X_AMZN_TRACE_ID: 'Sampled=0', POWERTOOLS_LOGGER_SAMPLE_RATE: '1' }],
  [6, { POWERTOOLS_LOG_LEVEL: ' warn ' }],
  [2, { LOG_LEVEL: 'ERROR' }],
  [3, { AWS_LAMBDA_LOG_LEVEL: 'WARN', POWERTOOLS_LOG_LEVEL: 'DEBUG' }],
  [12, { POWERTOOLS_LOGGER_LOG_EVENT: 'TRUE' }],
  [1, { POWERTOOLS_LOGGER_LOG_EVENT: 'perhaps' }],
  [1, { POWERTOOLS_LOGGER_SAMPLE_RATE: 'often' }],
] as const)('the deployed log has at least %i lines, those of its source, with %j', (least, env) => {
  const [ours, theirs] = [linesOf(file, env), linesOf(source, env)];
  expect(theirs.length).toBeGreaterThanOrEqual(least);
  expect(ours).toEqual(theirs);
});

it.each(['1', 'Yes', 'on', '0', 'no', 'perhaps'])(
  'the deployed log is as pretty as its source for POWERTOOLS_DEV=%s',
  (word) => {
    const lines = [file, source].map((module) => {
      const env = { PATH: process.env.PATH, POWERTOOLS_DEV: word };
      const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program(module)], {
        env,
        encoding: 'utf8',
      });
      return stdout.split('\n').length;
    });
    expect(lines[0]).toBe(lines[1]);
  },
);
