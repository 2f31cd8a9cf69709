// A stored key in the forms that programs ask for. The programs themselves are the judges: ssh-keygen, openssl, puttygen.
import { spawnSync } from 'node:child_process';
import type { KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { Secret } from '../../../lib/secret.ts';
import { type PrivateKeyForm, privateKeyAs } from '../../../lib/ssh/private-key-forms.ts';
import { isInstalled } from '../../moto.ts';
import { ed25519, ed25519From, parse, pem, rsa } from './keys.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyvend-forms-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const need = (context: TestContext, program: string) =>
  isInstalled(program) ? undefined : context.skip(`${program} is not installed`);
const stored = (key: KeyObject): string => parse(pem(key, 'pkcs8')).privateKey.reveal();
const as = (form: PrivateKeyForm, text: string, comment = 'keyvend ens/default/global/edge'): string =>
  privateKeyAs(form, new Secret(text), comment)?.reveal() ?? '';

/** What a program prints of a key in a file. */
function printed(program: string, words: readonly string[], text: string): string {
  const file = join(folder, 'key');
  writeFileSync(file, text, { mode: 0o600 });
  const { status, stdout, stderr } = spawnSync(program, [...words, file], { encoding: 'utf8' });
  rmSync(file);
  expect({ program, status, stderr }).toEqual({ program, status: 0, stderr: '' });
  return stdout;
}
const withoutComment = (line: string) => line.trim().split(' ').slice(0, 2).join(' ');
/** In another form, by PuTTY's own program, which checks the MAC of what it reads. */
function byPutty(form: 'private' | 'private-openssh-new', text: string, ...words: string[]): string {
  const file = join(folder, 'written');
  printed('puttygen', [...words, '-O', form, '-o', file], text);
  const written = readFileSync(file, 'utf8');
  rmSync(file);
  return written;
}

const keys = {
  'RSA of 2048 bits': () => rsa(2048),
  'RSA of 3072 bits': () => rsa(3072),
  'RSA of 4096 bits': () => rsa(4096),
  ed25519: () => ed25519(),
};

describe.each(Object.entries(keys))('a stored key, %s,', (name, make) => {
  let text: string;
  let line: string;
  beforeAll(() => {
    text = stored(make());
    line = parse(text).publicKey;
  });

  it('is the same key for ssh-keygen in the forms of OpenSSH, PEM and PKCS#8', (context) => {
    need(context, 'ssh-keygen');
    // OpenSSH reads an ed25519 key in its own form alone, at 9.2 at least.
    const forms = name === 'ed25519' ? (['openssh'] as const) : (['openssh', 'pem', 'pkcs8'] as const);
    for (const form of forms) {
      expect(withoutComment(printed('ssh-keygen', ['-y', '-f'], as(form, text)))).toBe(line);
    }
  });

  it('is the same key for openssl in the forms PEM and PKCS#8', (context) => {
    need(context, 'openssl');
    const forms = name === 'ed25519' ? (['pkcs8'] as const) : (['pem', 'pkcs8'] as const);
    for (const form of forms) {
      const again = printed('openssl', ['pkey', '-in'], as(form, text));
      expect(parse(again)).toMatchObject({ publicKey: line });
      expect(again).toBe(as('pkcs8', text));
    }
  });

  it('is the same key for puttygen in the form PPK, which is its own file to the byte', (context) => {
    need(context, 'puttygen');
    const ppk = as('ppk', text, 'a comment');
    expect(parse(byPutty('private-openssh-new', ppk)).privateKey.reveal()).toBe(text);
    expect(byPutty('private', as('openssh', text), '-C', 'a comment')).toBe(ppk);
    expect(withoutComment(printed('puttygen', ['-L'], ppk))).toBe(line);
  });
});

describe('every form', () => {
  const moduli = Array.from({ length: 8 }, () => rsa(1024));
  const someKey = fc.oneof(
    fc.constantFrom(...moduli),
    fc.uint8Array({ minLength: 32, maxLength: 32 }).map(ed25519From),
    // Numbers that end or begin in zeros are what encodings get wrong.
    fc.tuple(fc.constantFrom(0, 0x7f, 0x80, 0xff), fc.nat(31)).map(([octet, at]) => {
      return ed25519From(new Uint8Array(32).fill(octet, at));
    }),
  );

  it('read back gives the key that is stored', () => {
    fc.assert(
      fc.property(someKey, fc.constantFrom('openssh', 'pem', 'pkcs8'), (key, form) => {
        const text = stored(key);
        if (form === 'pem' && key.asymmetricKeyType !== 'rsa') return;
        expect(parse(as(form as PrivateKeyForm, text)).privateKey.reveal()).toBe(text);
      }),
    );
  });

  it("of PuTTY's, read back by puttygen, gives the key that is stored, whatever its comment", (context) => {
    need(context, 'puttygen');
    fc.assert(
      fc.property(someKey, fc.string({ unit: 'grapheme', maxLength: 60 }), (key, comment) => {
        if (/[\r\n]/.test(comment)) return;
        const text = stored(key);
        expect(parse(byPutty('private-openssh-new', as('ppk', text, comment))).privateKey.reveal()).toBe(text);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a form', () => {
  it('is the same text at each call', () => {
    const text = stored(rsa(2048));
    for (const form of ['openssh', 'pem', 'pkcs8', 'ppk'] as const) expect(as(form, text)).toBe(as(form, text));
  });

  it('is what is stored, where it is stored in that form', () => {
    const [one, other] = [stored(rsa(2048)), stored(ed25519())];
    expect(as('pem', one)).toBe(one);
    expect(as('openssh', other)).toBe(other);
  });

  it('of PEM is none for an ed25519 key, which has no traditional one', () => {
    expect(privateKeyAs('pem', new Secret(stored(ed25519())), '')).toBeUndefined();
  });

  it("of PuTTY's is not made with a comment of two lines", () => {
    expect(() => as('ppk', stored(ed25519()), 'a\nPrivate-MAC: 00')).toThrow(TypeError);
  });
});
