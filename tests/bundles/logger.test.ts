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

function linesOf(module: string): unknown[] {
  const env = {
    PATH: process.env.PATH,
    AWS_LAMBDA_FUNCTION_NAME: 'ecsHttp',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  };
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', program(module)], { env, encoding: 'utf8' });
  expect(run.stderr).not.toContain('Error:');
  return `${run.stdout}${run.stderr}`
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => ({ ...JSON.parse(line), timestamp: 'then' }));
}

it('the deployed log has the lines of its source, field by field', () => {
  const [ours, theirs] = [linesOf(file), linesOf(source)];
  expect(theirs.length).toBeGreaterThanOrEqual(12);
  expect(ours).toEqual(theirs);
});
