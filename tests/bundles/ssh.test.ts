// Logging in on hosts as it is deployed: minified, and without ssh2's native parts, which this machine may well have.
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { bundled } from '../../deploy/bundle.ts';
import { deadlineIn, systemClock } from '../../lib/clock.ts';
import type * as source from '../../lib/hosts/ssh.ts';
import { Secret } from '../../lib/secret.ts';
import { publicKeyLine } from '../../lib/ssh/public-key.ts';
import { sshdProgram, startSshd } from '../../local/sshd.ts';
import { thisMachine } from '../hosts/rules.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyvend-ssh-'));
const { file } = await bundled('lib/hosts/ssh.ts', join(folder, 'ssh.js'));
const { sshHosts }: typeof source = createRequire(import.meta.url)(file);
afterAll(() => rmSync(folder, { recursive: true }));

it.for(['rsa', 'ed25519'] as const)(
  'the deployed code logs in with a key of type %s, reads a file and puts another in its place',
  async (type, context) => {
    if (sshdProgram() === undefined) return context.skip('sshd is not installed');
    const { privateKey, publicKey } =
      type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
    const line = publicKeyLine(publicKey);
    const key = new Secret(privateKey.export({ type: type === 'rsa' ? 'pkcs1' : 'pkcs8', format: 'pem' }).toString());
    const sshd = await startSshd({ hostKeyTypes: ['ed25519', 'rsa'] });
    try {
      await sshd.permit([line]);
      const host = { host: sshd.host, port: sshd.port, user: sshd.user, hostKeys: sshd.hostKeys.fingerprints };
      const session = await sshHosts({ rules: thisMachine }).login(host, key, {
        until: deadlineIn(systemClock, 60_000),
      });
      const { text, digest } = await session.read();
      expect(text.trim()).toBe(line);
      expect(await session.replace(digest, `${text}# seen\n`)).toBe('replaced');
      expect((await session.read()).text).toBe(`${text}# seen\n`);
      await session.close();
    } finally {
      await sshd.remove();
    }
  },
);
