// The local clouds in a process of their own, with short signature windows, and what is made to go wrong in them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceNames } from '../../local/clouds/state/registry.ts';
import type { Random } from '../../tests/doubles/random.ts';
import { type Child, start } from './children.ts';

/** Windows and lease are short, so that a run ends; their proportions are those of a deployment. */
export const WINDOW_MS = 4_000;

export interface Clouds {
  readonly child: Child;
  readonly endpoint: string;
  readonly credentials: Readonly<Record<'alibaba' | 'tencent', object>>;
  /** Files that a stack takes instead of starting clouds of its own. */
  readonly files: { readonly KEYVEND_CLOUDS: string; readonly KEYVEND_CLOUDS_CA: string };
  admin(method: string, path: string, body?: object): Promise<unknown>;
}

export async function startClouds(home: string): Promise<Clouds> {
  const files = { KEYVEND_CLOUDS: join(home, 'clouds.json'), KEYVEND_CLOUDS_CA: join(home, 'clouds-ca.pem') };
  const words = ['--json', '--ca-file', files.KEYVEND_CLOUDS_CA, '--signature-window-ms', String(WINDOW_MS)];
  const child = start('local/clouds/main.ts', words, {});
  const [line] = await child.said(/^\{.*\}$/);
  writeFileSync(files.KEYVEND_CLOUDS, line);
  const { endpoint, alibaba, tencent } = JSON.parse(line);
  const admin = async (method: string, path: string, body: object = {}) => {
    const init = { method, headers: { 'content-type': 'application/json' } };
    const answer = await fetch(
      `${endpoint}/admin${path}`,
      method === 'GET' ? init : { ...init, body: JSON.stringify(body) },
    );
    return answer.json();
  };
  await admin('PATCH', '/limits', { 'ens.keyPairs': 100_000, 'cvm.keyPairs': 100_000, 'cvm.resourcesPerTag': 100_000 });
  await admin('PATCH', '/limits', { 'ecs.keyPairsPerRegion': 100_000 });
  return { child, endpoint, credentials: { alibaba, tencent }, files, admin };
}

const kinds = [
  { kind: 'drop', when: 'before-commit' },
  { kind: 'drop', when: 'after-commit' },
  { kind: 'server-error', when: 'before-commit' },
  { kind: 'server-error', when: 'after-commit' },
  { kind: 'stall', when: 'before-commit' },
  { kind: 'stall', when: 'after-commit' },
  { kind: 'truncated', how: 'length' },
  { kind: 'truncated', how: 'json' },
  { kind: 'empty-body' },
  { kind: 'malformed-json' },
  { kind: 'throttle', retryAfterMs: 500 },
  { kind: 'delay', delayMs: 1_500 },
  { kind: 'trickle' },
] as const;

/** One call of any service that goes wrong, somewhere among the next ones. */
export const oneFault = (random: Random) => ({
  match: {
    service: random.pick(serviceNames),
    action: random.pick(['CreateKeyPair', 'CreateKeyPair', 'DescribeKeyPairs', 'DeleteKeyPairs']),
  },
  skip: random.below(4),
  times: 1,
  fault: random.pick(kinds),
});
