// `keyvend ssh` with keys at each store, read there with the rights of a reader, and a server that has long ended.
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../lib/secret.ts';
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';
import { startSshd } from '../../local/sshd.ts';
import { keyIn, storesHere } from '../doubles/stores-here.ts';
import { noSshd } from '../hosts/accounts.ts';
import { isInstalled } from '../moto.ts';
import { place } from './serving.ts';

const lacking = noSshd() ?? (isInstalled('ssh-agent') ? undefined : 'ssh-agent is not installed');
const web = { provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'web' } as const;
const quiet = [
  '-F',
  'none',
  '-o',
  'StrictHostKeyChecking=no',
  '-o',
  'UserKnownHostsFile=/dev/null',
  '-o',
  'LogLevel=ERROR',
];

describe('keyvend ssh', { timeout: 120_000 }, () => {
  it.for(Object.keys(storesHere) as (keyof typeof storesHere)[])('logs in with a key at %s', async (name, context) => {
    if (lacking !== undefined) return context.skip(lacking);
    const here = await place();
    const store = await storesHere[name]({ folder: here.folder, clouds: here.clouds, deployment: 'main' });
    const sshd = await startSshd();
    try {
      const lease = { KEYVEND_LEASE_MS: '35000' }; // a machine that is busy vends slowly
      const server = await here.start({ KEYVEND_STORE: name, ...store.environment, ...store.credentials, ...lease });
      const vended = await server.ask('POST', '/v1/ecs/key-pairs', { name: web.name, region: web.region });
      expect([vended.status, vended.status === 201 ? '' : server.printed()]).toEqual([201, '']);
      await server.end();
      const key = await keyIn(store, web);
      await sshd.permit([parsePrivateKey(new Secret(key!)).publicKey]);
      const words = [
        'ssh',
        'ecs',
        web.name,
        '--region',
        web.region,
        '--',
        ...quiet,
        '-p',
        String(sshd.port),
        `${sshd.user}@${sshd.host}`,
      ];
      const env = { PATH: process.env.PATH, HOME: here.folder, ...store.reader() };
      const all = [resolve('local/keyvend.ts'), ...words, 'echo in'];
      const { stdout } = await promisify(execFile)(process.execPath, all, { env, cwd: here.folder, timeout: 60_000 });
      expect(stdout).toBe('in\n');
    } finally {
      await sshd.remove();
      await store.stop();
      await here.remove();
    }
  });
});
