// `keyvend key --format` and `keyvend show --public-key`, beside `npm start`.
import { spawnSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readersStore } from '../../lib/platforms/readers-store.ts';
import { Secret } from '../../lib/secret.ts';
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';
import { publicKeyLine } from '../../lib/ssh/public-key.ts';
import { isInstalled } from '../moto.ts';
import { type Running, start } from './process.ts';

let home: string;
let running: Running;
let stored: string;
let line: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyvend-forms-'));
  running = await start(home);
  expect((await running.post('ens', { name: 'edge' })).status).toBe(201);
  stored = key().stdout;
  line = parsePrivateKey(new Secret(stored)).publicKey;
});
afterAll(async () => {
  await running.end('SIGTERM');
  await rm(home, { recursive: true });
});

const ran = (...words: readonly string[]) =>
  spawnSync(process.execPath, ['local/keyvend.ts', ...words], {
    env: { PATH: process.env.PATH, HOME: home, KEYVEND_HOME: home },
    encoding: 'utf8',
  });
const key = (...words: string[]) => ran('key', 'ens', 'edge', ...words);
const show =
  (...always: string[]) =>
  (...words: string[]) =>
    ran('show', 'ens', 'edge', ...always, ...words);
const firstLine = (text: string) => text.split('\n', 1)[0];

describe('keyvend key --format', () => {
  it.each([
    ['openssh', '-----BEGIN OPENSSH PRIVATE KEY-----'],
    ['pem', '-----BEGIN RSA PRIVATE KEY-----'],
    ['pkcs8', '-----BEGIN PRIVATE KEY-----'],
  ])('%s prints the stored key as that', (form, head) => {
    const { status, stdout, stderr } = key('--format', form);
    expect({ status, stderr, head: firstLine(stdout) }).toEqual({ status: 0, stderr: '', head });
    expect(parsePrivateKey(new Secret(stdout)).privateKey.reveal()).toBe(stored);
  });

  it('ppk writes a new file for its owner alone, with which PuTTY has the same key', async (context) => {
    const out = join(home, 'edge.ppk');
    expect(key('--format', 'ppk', '--out', out)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    const text = await readFile(out, 'utf8');
    expect(text).toMatch(
      /^PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: keyvend ens\/default\/global\/edge\n/,
    );
    expect(key('--format', 'ppk').stdout).toBe(text);
    expect(key('--format', 'pem', '--out', out)).toMatchObject({ status: 5, stdout: '' });
    expect(await readFile(out, 'utf8')).toBe(text);
    if (!isInstalled('puttygen')) return context.skip('puttygen is not installed');
    expect(spawnSync('puttygen', ['-L', out], { encoding: 'utf8' }).stdout).toBe(
      `${line} keyvend ens/default/global/edge\n`,
    );
  });

  it.each([
    [['--format', 'putty'], 'the format is one of openssh, pem, pkcs8, ppk'],
    [['--format', 'jwk', '--out', 'never'], 'the format is one of openssh, pem, pkcs8, ppk'],
    [['--format', 'ppk', '--agent'], '--format goes with neither --agent nor --where'],
    [['--format', 'pem', '--where'], '--format goes with neither --agent nor --where'],
  ])('is refused with %j, and nothing is written', (words, said) => {
    expect(key(...words)).toMatchObject({ status: 2, stdout: '', stderr: `keyvend: ${said}\n` });
    expect(existsSync('never')).toBe(false);
  });
});

describe('of what the store has under a name, keyvend key --format', () => {
  const keep = async (name: string, text: string): Promise<void> => {
    const store = await readersStore({ KEYVEND_HOME: home });
    const identity = { provider: 'ens', account: 'default', region: 'global', name } as const;
    await store.prepare(identity);
    await store.put(identity, randomUUID(), new Secret(text));
    await store.close();
  };

  it('pem says which other form an ed25519 key has, and writes no file', async () => {
    const made = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await keep('small', parsePrivateKey(new Secret(made)).privateKey.reveal());
    const out = join(home, 'small.pem');
    const said = 'keyvend: only an RSA key has the form pem; for this one, use pkcs8 or openssh\n';
    const pem = ran('key', 'ens', 'small', '--format', 'pem', '--out', out);
    expect(pem).toMatchObject({ status: 2, stdout: '', stderr: said });
    expect(existsSync(out)).toBe(false);
    expect(ran('key', 'ens', 'small', '--format', 'pkcs8').stdout).toBe(made);
  });

  it.each(['openssh', 'pem', 'pkcs8', 'ppk'])('%s prints nothing of a text that is no key', async (form) => {
    const text = `nothing-that-is-a-key-${form}`;
    await keep(`none-${form}`, text);
    const out = join(home, `none-${form}`);
    const { status, stdout, stderr } = ran('key', 'ens', `none-${form}`, '--format', form, '--out', out);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^keyvend: The private key's [^\n]+\n$/);
    expect(stderr).not.toContain(text);
    expect(existsSync(out)).toBe(false);
    expect(ran('key', 'ens', `none-${form}`).stdout).toBe(text);
  });
});

describe.each([
  ['on the ledger here', () => show()],
  ['over HTTP', () => show('--token-file', join(home, 'tokens', 'operator'), '--url', running.endpoint)],
] as const)('keyvend show --public-key, %s,', (_name, how) => {
  const asked = (...words: string[]) => how()(...words);
  it('prints the public half of the stored key and nothing else, as a line of authorized_keys', () => {
    expect(asked('--public-key')).toMatchObject({ status: 0, stdout: `${line}\n`, stderr: '' });
    expect(asked('--public-key', '--format', 'openssh').stdout).toBe(`${line}\n`);
  });

  it('prints it in the form that is asked for', () => {
    expect(firstLine(asked('--public-key', '--format', 'rfc4716').stdout)).toBe('---- BEGIN SSH2 PUBLIC KEY ----');
    expect(publicKeyLine(createPublicKey(asked('--public-key', '--format', 'spki').stdout))).toBe(line);
    const jwk = JSON.parse(asked('--public-key', '--format', 'jwk').stdout);
    expect(publicKeyLine(createPublicKey({ key: jwk, format: 'jwk' }))).toBe(line);
  });

  it.each([
    [['--public-key', '--format', 'ppk'], 'the format is one of openssh, rfc4716, spki, jwk'],
    [['--format', 'jwk'], '--format goes with --public-key'],
    [['--public-key', '--json'], '--public-key and --json exclude one another; a key in JSON is --format jwk'],
  ])('is refused with %j', (words, said) => {
    expect(asked(...words)).toMatchObject({ status: 2, stdout: '', stderr: `keyvend: ${said}\n` });
  });
});
