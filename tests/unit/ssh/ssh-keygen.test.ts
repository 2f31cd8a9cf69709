// The real ssh-keygen is the judge: it reads what we write, we read what it writes, and both print the same.
import { execFile, spawnSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fingerprints } from '../../../lib/ssh/fingerprint.ts';
import { publicKeyLine } from '../../../lib/ssh/public-key.ts';
import { ed25519, parse, pem, rsa } from './keys.ts';

const sshKeygen = 'ssh-keygen';
const installed = spawnSync(sshKeygen, ['-?']).error === undefined;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyvend-'));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach((ctx) => {
  if (!installed) ctx.skip('ssh-keygen is not installed');
});

const run = async (...args: string[]): Promise<string> => (await promisify(execFile)(sshKeygen, args)).stdout.trim();
const withoutComment = (line: string) => line.split(' ').slice(0, 2).join(' ');
/** The fingerprint is the second field: `2048 MD5:aa:bb... comment (RSA)`. */
const printed = async (file: string, hash: string) => (await run('-l', '-E', hash, '-f', file)).split(' ')[1];

async function save(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text, { mode: 0o600 });
  return file;
}

describe.each([
  ['rsa', 1024],
  ['rsa', 2048],
  ['rsa', 3072],
  ['rsa', 4096],
  ['ed25519', 256],
] as const)('the %s key of %i bits made by ssh-keygen', (type, bits) => {
  const file = () => join(folder, `${type}-${bits}`);
  let line: string;

  beforeAll(async () => {
    if (!installed) return;
    const size = type === 'rsa' ? ['-b', `${bits}`] : [];
    await run('-q', '-t', type, ...size, '-N', '', '-C', 'made here', '-f', file());
    line = withoutComment(await run('-y', '-f', file()));
  });

  it.each(['PEM', 'PKCS8', 'RFC4716'])(
    'is read in its format %s, and ssh-keygen reads what we store of it',
    async (format) => {
      const copy = await save(`${type}-${bits}-${format}`, await readFile(file(), 'utf8'));
      await run('-q', '-p', '-P', '', '-N', '', '-m', format, '-f', copy);
      const key = parse(await readFile(copy, 'utf8'));
      expect(key).toMatchObject({ publicKey: line, bits, type: `ssh-${type}` });
      const stored = await save(`${type}-${bits}-${format}-stored`, key.privateKey.reveal());
      expect(withoutComment(await run('-y', '-f', stored))).toBe(line);
    },
  );

  it('has the fingerprints that ssh-keygen prints', async () => {
    const { md5, sha256 } = fingerprints(await readFile(`${file()}.pub`, 'utf8'));
    expect([`MD5:${md5}`, sha256]).toEqual([await printed(file(), 'md5'), await printed(file(), 'sha256')]);
  });
});

describe('the stored key', () => {
  it.each([
    ['RSA', rsa(2048)],
    ['ed25519', ed25519()],
  ])(
    'signs with ssh-keygen when node:crypto made it as an %s key, and its public line verifies that',
    async (name, made) => {
      const key = parse(pem(made, 'pkcs8'));
      const stored = await save(`node-${name}`, key.privateKey.reveal());
      await save(`node-${name}.pub`, `${key.publicKey}\n`); // -Y sign wants it beside a PEM file
      const message = await save(`node-${name}-message`, 'hello');
      const allowed = await save(`node-${name}-allowed`, `me ${publicKeyLine(createPublicKey(made))}\n`);
      await run('-q', '-Y', 'sign', '-n', 'keyvend', '-f', stored, message);
      const verify = ['-Y', 'verify', '-n', 'keyvend', '-I', 'me', '-f', allowed, '-s', `${message}.sig`];
      const verified = spawnSync(sshKeygen, verify, { input: 'hello', encoding: 'utf8' });
      expect(verified.stdout).toContain('Good "keyvend" signature for me');
      expect(key.publicKey).toBe(publicKeyLine(createPublicKey(made)));
    },
  );

  it("is ssh-keygen's own file for an ed25519 key, apart from the check numbers", async () => {
    const file = join(folder, 'plain');
    await run('-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file);
    const [theirs, ours] = [await readFile(file, 'utf8'), parse(await readFile(file, 'utf8')).privateKey.reveal()];
    expect(unchecked(ours)).toBe(unchecked(theirs));
    expect(ours.split('\n').map((line) => line.length)).toEqual(theirs.split('\n').map((line) => line.length));
  });
});

/** The file's bytes in hex, its two check numbers blanked: magic 15, 3 strings 20, count 4, blob 4 + 51, length 4. */
function unchecked(text: string): string {
  const bytes = Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64');
  return bytes.fill(0, 98, 106).toString('hex');
}
