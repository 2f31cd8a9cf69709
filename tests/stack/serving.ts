// `keyvend serve` as an operator runs it: what `keyvend init` wrote, access keys in its folder, a process of its own, everything it
// prints kept. Clouds and issuer run apart and stay when it ends.
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { providerNames, rowOf, variableOf } from '../../lib/provider-table.ts';
import type { Credential } from '../../local/clouds/accounts/credentials.ts';
import { type Clouds, startClouds } from '../../local/clouds/clouds.ts';
import { type ServedIssuer, servedIssuer } from '../../local/stack/issuer.ts';
import { shortWindows } from '../../local/stack/short-windows.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const AUDIENCE = 'keyvend';

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface Serving {
  readonly url: string;
  readonly metricsUrl: string;
  readonly child: ChildProcess;
  printed(): string;
  /** The lines of its log so far. */
  lines(): readonly Record<string, unknown>[];
  ask(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Answered>;
  /** @returns the exit code */
  end(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

export interface Place {
  readonly folder: string;
  /** Its tokens' issuer, where people can sign in as well once it is told where the portal is. */
  readonly issuer: Pick<ServedIssuer, 'url' | 'openTo'>;
  readonly clouds: Clouds;
  token(claims?: Record<string, unknown>, subject?: string): Promise<string>;
  /** What it is started with beside its file. */
  readonly environment: Readonly<Record<string, string>>;
  /** @param environment more of it @returns once it listens */
  start(environment?: Record<string, string>): Promise<Serving>;
  /** A command that is to fail. @returns what it printed */
  refused(environment: Record<string, string>, ...words: string[]): Promise<string>;
  run(environment: Record<string, string>, ...words: string[]): Promise<string>;
  /** A command, however it ends. */
  command(
    environment: Record<string, string>,
    ...words: string[]
  ): Promise<{ readonly status: number; readonly printed: string }>;
  remove(): Promise<void>;
}

/** What a shell would find as `keyvend`: a program and its first words. */
export type Command = readonly [program: string, ...words: string[]];

const fromSource: Command = [process.execPath, join(ROOT, 'local/keyvend.ts')];

/** A folder that `keyvend init` made, with clouds and an issuer beside it. @param credentials of the clouds, beside their own */
export async function place(credentials: readonly Credential[] = [], command: Command = fromSource): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'keyvend-serve-'));
  const [program, ...first] = command;
  execFileSync(program, [...first, 'init', folder]);
  // The machine may be slow, and what waits for it is not late.
  const windowMs = 60_000;
  const limits = { 'alibaba.signatureWindowMs': windowMs, 'tencent.signatureWindowMs': windowMs };
  const clouds = await startClouds({ limits, credentials });
  writeFileSync(join(folder, 'clouds-ca.pem'), clouds.ca);
  for (const provider of providerNames) {
    const key = clouds.credentials[rowOf(provider).credentials];
    writeFileSync(join(folder, 'upstream', provider, 'default.json'), JSON.stringify(key), { mode: 0o600 });
  }
  const keys = await servedIssuer(AUDIENCE);
  const environment = {
    KEYVEND_CONFIG: join(folder, 'keyvend.yaml'),
    KEYVEND_ISSUER: keys.url,
    KEYVEND_JWKS_URI: keys.keysUri,
    KEYVEND_LISTEN: '127.0.0.1:0',
    KEYVEND_METRICS_LISTEN: '127.0.0.1:0',
    KEYVEND_CA_FILE: join(folder, 'clouds-ca.pem'),
    KEYVEND_RECOVERY_SECONDS: '1',
    ...Object.fromEntries(providerNames.map((provider) => [variableOf(provider, 'ENDPOINT'), clouds.tlsEndpoint])),
    ...shortWindows,
  };
  const env = (more: Record<string, string>) => ({ ...process.env, ...environment, ...more });
  const token = (claims: Record<string, unknown> = { groups: ['keyvend-operators'] }, subject = 'operator') =>
    keys.token(subject, 2, claims);
  const operator = () => token();
  return {
    ...{ folder, clouds, environment, issuer: keys },
    token,
    start: (more = {}) => started(command, env(more), operator),
    async refused(more, ...words) {
      const failed = await ran(command, words, env(more)).then(
        () => undefined,
        ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
      );
      if (failed === undefined) throw new Error(`keyvend ${words.join(' ')} was not refused`);
      return failed;
    },
    run: async (more, ...words) => (await ran(command, words, env(more))).stdout,
    command: (more, ...words) =>
      new Promise((resolve) => {
        const options = { env: env(more), timeout: 60_000 };
        const child = execFile(program, [...first, ...words], options, (_error, stdout, stderr) =>
          resolve({ status: child.exitCode ?? -1, printed: stdout + stderr }),
        );
      }),
    async remove() {
      await clouds.close();
      await keys.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Beside what stands in, which is in this process. */
const ran = ([program, ...first]: Command, words: readonly string[], env: NodeJS.ProcessEnv) =>
  promisify(execFile)(program, [...first, ...words], { env, timeout: 60_000 });

async function started(
  [program, ...first]: Command,
  env: NodeJS.ProcessEnv,
  operator: () => Promise<string>,
): Promise<Serving> {
  const child = spawn(program, [...first, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  const lines = () =>
    printed
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const listening = await new Promise<Record<string, unknown>>((resolve, reject) => {
    const read = (bytes: Buffer) => {
      printed += bytes;
      if (!printed.endsWith('\n')) return;
      const line = lines().find(({ message }) => message === 'listening');
      if (line !== undefined) resolve(line);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', () => reject(new Error(`it ended: ${printed}`)));
  });
  const [url, metricsUrl] = [String(listening.url), String(listening.metrics)];
  return {
    ...{ url, metricsUrl, child, lines },
    printed: () => printed,
    async ask(method, path, body, headers = {}) {
      const init = {
        method,
        headers: { authorization: `Bearer ${await operator()}`, 'content-type': 'application/json', ...headers },
        ...(body && { body: JSON.stringify(body) }),
      };
      const answer = await fetch(`${url}${path}`, init);
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, body: text === '' ? {} : JSON.parse(text) };
    },
    async end(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const gone = once(child, 'exit');
      child.kill(signal);
      const [code] = await gone;
      return code;
    },
  };
}
