// `npm run clouds` as a program: what it prints, how it fails, how it stops.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { call, createCall } from './support/raw.ts';

const main = fileURLToPath(new URL('../../local/clouds/main.ts', import.meta.url));

function run(...args: string[]): ChildProcess & { readonly output: () => string; readonly errors: () => string } {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [output, errors] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  return Object.assign(child, { output: () => output, errors: () => errors });
}
const exitCode = async (child: ChildProcess): Promise<unknown> => (await once(child, 'close'))[0];
async function firstLine(child: ChildProcess): Promise<string> {
  const [line] = await once(createInterface({ input: child.stdout! }), 'line');
  return String(line);
}
/** What `call` needs of a server that runs elsewhere. */
function reach(line: string): Parameters<typeof call>[0] {
  const { endpoint, alibaba, tencent } = JSON.parse(line);
  return { port: Number(new URL(endpoint).port), credentials: { alibaba, tencent } as never };
}
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'clouds-main-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

describe('npm run clouds', () => {
  it('prints one line of JSON with exactly what a program needs', async () => {
    const child = run('--json');
    const line = await firstLine(child);
    expect(JSON.parse(line)).toEqual({
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      alibaba: { accessKeyId: expect.any(String), accessKeySecret: expect.any(String) },
      tencent: { secretId: expect.any(String), secretKey: expect.any(String) },
    });
    expect((await call(reach(line), 'ecs', 'CreateKeyPair', createCall('ecs', 'a1'))).code).toBe('');
    child.kill('SIGTERM');
    expect(await exitCode(child)).toBe(0);
    expect(child.output()).toBe(`${line}\n`);
    expect(child.errors()).toBe('');
  });

  it('prints endpoints and credentials for people, and that composed keys are for tests only', async () => {
    const child = run();
    await firstLine(child);
    child.kill('SIGINT');
    expect(await exitCode(child)).toBe(0);
    expect(child.output()).toMatch(/https:\/\/127\.0\.0\.1:\d+/);
    expect(child.output()).toContain('alibabaSts');
    expect(child.output()).toContain('for tests only');
  });

  it('finishes what is in flight when told to stop', async () => {
    const child = run('--json');
    const clouds = reach(await firstLine(child));
    const rule = { fault: { kind: 'delay', delayMs: 60_000, delayWhen: 'after-commit' } };
    const headers = { 'content-type': 'application/json' };
    await fetch(`http://127.0.0.1:${clouds.port}/admin/faults`, {
      method: 'POST',
      headers,
      body: JSON.stringify(rule),
    });
    const slow = call(clouds, 'ens', 'CreateKeyPair', createCall('ens', 'a1'));
    const pairs = async (): Promise<unknown[]> =>
      (await (await fetch(`http://127.0.0.1:${clouds.port}/admin/pairs`)).json()) as unknown[];
    while ((await pairs()).length === 0);
    child.kill('SIGTERM');
    expect((await slow).body.KeyPairName).toBe('a1');
    expect(await exitCode(child)).toBe(0);
  });

  it('takes limits, a window, switches, a state file and a file for the certificate', async () => {
    const path = folder();
    writeFileSync(join(path, 'behaviour.json'), '{"ens.pageFields":"strings"}');
    const child = run(
      ...['--json', '--cvm-rate', '1', '--ecs-quota', '0', '--signature-window-ms', '60000'],
      ...[
        '--behaviour',
        join(path, 'behaviour.json'),
        '--state',
        join(path, 'state'),
        '--ca-file',
        join(path, 'ca.pem'),
      ],
    );
    const clouds = reach(await firstLine(child));
    expect((await call(clouds, 'ecs', 'CreateKeyPair', createCall('ecs', 'a1'))).code).toBe('QuotaExceed.KeyPair');
    expect((await call(clouds, 'ens', 'DescribeKeyPairs')).body.PageNumber).toBe('1');
    const late = { nowMs: Date.now() - 120_000 };
    expect((await call(clouds, 'ens', 'DescribeKeyPairs', {}, late)).code).toBe('InvalidTimeStamp.Expired');
    const codes = await Promise.all(
      Array.from({ length: 4 }, async () => (await call(clouds, 'cvm', 'DescribeKeyPairs')).code),
    );
    expect(codes).toContain('RequestLimitExceeded');
    expect(readFileSync(join(path, 'ca.pem'), 'utf8')).toContain('BEGIN CERTIFICATE');
    expect(readFileSync(join(path, 'state'), 'utf8')).toContain('"pairs":[]');
  });

  it('explains its options', async () => {
    const child = run('--help');
    expect(await exitCode(child)).toBe(0);
    for (const option of ['--port', '--json', '--state', '--ca-file', '--behaviour', '--cvm-rate', '--ecs-quota']) {
      expect(child.output()).toContain(option);
    }
  });

  it.each<[string, string[], RegExp]>([
    ['an unknown option', ['--colour'], /--colour/],
    ['a word too many', ['now'], /now/],
    ['a port that is not a number', ['--port', 'http'], /--port must be a whole number/],
    ['a port out of range', ['--port', '70000'], /--port must be at most 65535/],
    ['a missing value', ['--port'], /--port/],
    ['a file of switches that is not there', ['--behaviour', '/nowhere.json'], /cannot be read/],
  ])('says in one line what is wrong with %s, and exits with 2', async (_what, args, says) => {
    const child = run(...args);
    expect(await exitCode(child)).toBe(2);
    expect(child.errors()).toMatch(/^clouds: .+\n$/);
    expect(child.errors()).toMatch(says);
    expect(child.output()).toBe('');
  });

  it('refuses a switch that does not exist', async () => {
    const path = join(folder(), 'behaviour.json');
    writeFileSync(path, '{"ens.colour":"blue"}');
    const child = run('--behaviour', path);
    expect(await exitCode(child)).toBe(2);
    expect(child.errors()).toBe('clouds: there is no setting ens.colour\n');
  });

  it('says that the port is taken, and exits with 1', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    const child = run('--port', String(port));
    expect(await exitCode(child)).toBe(1);
    expect(child.errors()).toBe(`clouds: port ${port} is in use\n`);
  });
});
