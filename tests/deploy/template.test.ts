// The CloudFormation template that is really deployed, as `npm run package` writes it.
import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { httpApi } from './api-suite.ts';
import { bundles } from './bundle-suite.ts';
import { concurrency } from './concurrency-suite.ts';
import { data } from './data-suite.ts';
import { deployer } from './deployer-suite.ts';
import { functions } from './function-suite.ts';
import { everywhere, type Json, ofType, packaged } from './packaged.ts';
import { pages } from './pages-suite.ts';
import { queues } from './queue-suite.ts';
import { listedKey, rights } from './rights-suite.ts';

const topic = 'alarm-topic=arn:aws:sns:eu-central-1:1:ops';
const vpc = ['subnet-ids=subnet-0a1b2c3d,subnet-1a1b2c3d', 'security-group-ids=sg-0a1b2c3d'];
const hosts = ['cvm-endpoint=https://cvm.intl.tencentcloudapi.com', 'tencent-sts-endpoint=https://sts.example:8443'];
const secrets = [`secret-keys=${listedKey}`, 'secret-tags={"cost-center":"4711"}'];
const stated = ['log-retention-days=30', 'reserved-concurrency=true', 'vend-concurrency=7', ...hosts, ...secrets];
const [example, guarded, refused] = await Promise.all([
  packaged(),
  packaged(...['gateway-authorizer=true', topic, ...stated, ...vpc].flatMap((parameter) => ['--param', parameter])),
  packaged(
    '--stage',
    'prod',
    '--param',
    'audience=keyvend',
    '--param',
    'alarm-topic=somewhere',
    '--param',
    'log-retention-days=31',
    '--param',
    'ecs-endpoint=http://ecs.example',
    '--param',
    'secret-keys=alias/team-web',
    '--param',
    'secret-tags={"keyvend":"4711"}',
  ).then(
    () => '',
    ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
  ),
]);
afterAll(() => {
  for (const { folder } of [example, guarded]) rmSync(folder, { recursive: true, force: true });
});

functions(example, guarded);
httpApi(example, guarded);
queues(example);
rights(example, guarded);
deployer(example, guarded);
concurrency(example, guarded);
data(example);
bundles(example, guarded);
pages(example);

describe('packaging', () => {
  it('says where everything is', () => {
    expect(example.said).toContain(example.folder);
    expect(example.said).toContain('ensHttp.zip');
    expect(example.said).toContain('cloudformation-template-update-stack.json');
  });

  it('hands the tags of secrets to every function', () => {
    const said = ({ template }: typeof example) =>
      Object.values<Json>(template.Resources)
        .filter(({ Type }) => Type === 'AWS::Lambda::Function')
        .map(({ Properties }) => Properties.Environment.Variables.KEYVEND_SECRET_TAGS);
    expect(new Set(said(example))).toEqual(new Set(['']));
    expect(new Set(said(guarded))).toEqual(new Set(['{"cost-center":"4711"}']));
  });

  it('names every parameter that a stage lacks, and stops', () => {
    expect(refused).toMatch(/Stage "prod" has missing or wrong parameters/);
    for (const name of [
      'issuer',
      'jwks-uri',
      'alarm-topic',
      'log-retention-days',
      'ecs-endpoint',
      'secret-keys',
      'secret-tags',
    ])
      expect(refused).toMatch(new RegExp(`^ {2}${name}: `, 'm'));
    expect(refused).not.toMatch(/^ {2}audience: /m);
    expect(refused).not.toMatch(/\.ts:\d+/);
  });

  it('gives the outputs and the functions that the docs have people ask for', () => {
    const page = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
    const [, commands = ''] = page.split('## What only a live account can decide');
    const outputs = [...commands.matchAll(/\$\(output (\w+)\)/g)].map(([, name]) => name!);
    expect(outputs.length).toBeGreaterThan(2);
    expect(Object.keys(example.template.Outputs)).toEqual(expect.arrayContaining(outputs));
    const [, invoked = ''] = /for function in ([\w ]+);/.exec(commands) ?? [];
    const functions = ofType(example, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties.FunctionName);
    for (const name of [...invoked.split(' '), 'recoveryReconcile'])
      expect(functions).toContain(`keyvend-example-${name}`);
    const rights = ofType(example, 'AWS::IAM::Role').flatMap(([, role]) => everywhere(role, 'Sid'));
    for (const sid of ['TagWhatIsMade', 'MakeSecrets']) {
      expect(commands).toContain(`\`${sid}\``);
      expect(rights).toContain(sid);
    }
  });

  it('makes templates in which cfn-lint finds no error', { timeout: 90_000 }, async (ctx) => {
    const run = promisify(execFile);
    for (const { folder } of [example, guarded]) {
      // W3005: the framework names dependencies that CloudFormation would see by itself.
      const args = ['--ignore-checks', 'W3005', '--', join(folder, 'cloudformation-template-update-stack.json')];
      const said = await run('cfn-lint', args).catch((error: { code?: unknown; stdout?: string }) => {
        if (error.code === 'ENOENT') return ctx.skip('cfn-lint is not installed');
        return { stdout: error.stdout };
      });
      expect(said.stdout).toBe('');
    }
  });
});
