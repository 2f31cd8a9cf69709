// What a login has to agree on with a host before it comes to the key, and how the key signs: where nothing fits, that is told as what
// it is, and not as a broken line or as a key that is not there.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deadlineIn, systemClock } from '../../lib/clock.ts';
import { failures } from '../../lib/errors.ts';
import { algorithmsOf, hostKeyTypes } from '../../lib/hosts/host-keys.ts';
import type { JumpHost } from '../../lib/hosts/hosts.ts';
import { addKey, type HostAccess, proveKey, removeKey } from '../../lib/hosts/keys-on-host.ts';
import { sshHosts } from '../../lib/hosts/ssh.ts';
import { type Sshd, startSshd } from '../../local/sshd.ts';
import { noSshd } from './accounts.ts';
import { codeOf, makeKey, makeRsaKey } from './keys.ts';
import { thisMachine } from './rules.ts';

const [rsa, freshRsa, ed, stranger] = [makeRsaKey(), makeRsaKey(), makeKey(), makeKey()];
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Where = HostAccess['host'];
const reach = (host: Where, acceptUnknown = false): HostAccess => ({
  hosts: sshHosts({ rules: thisMachine }),
  host,
  options: { until: deadlineIn(systemClock, 120_000), acceptUnknown },
});
const refused = (access: HostAccess, key = rsa): Promise<{ code?: string; message: string }> =>
  proveKey(access, key).then(
    () => ({ message: 'it was let in' }),
    (error) => error,
  );

describe('a real server', () => {
  beforeEach((context) => {
    const why = noSshd();
    if (why) context.skip(why);
  });

  async function sshd(...settings: string[]): Promise<{ server: Sshd; at: Where }> {
    const server = await startSshd({ settings });
    closing.push(() => server.remove());
    await server.permit([rsa.publicKey, ed.publicKey]);
    return { server, at: { host: server.host, port: server.port, user: server.user, hostKeys: server.hostKeys.lines } };
  }

  it.each(['rsa-sha2-512', 'rsa-sha2-256', 'rsa-sha2-256,rsa-sha2-512'])(
    'that takes RSA keys with %s alone goes from one of them to the next',
    async (algorithms) => {
      const { at } = await sshd(`PubkeyAcceptedAlgorithms ${algorithms}`);
      await addKey(reach(at), rsa, freshRsa);
      expect(await codeOf(proveKey(reach(at), freshRsa))).toBe('fulfilled');
      await removeKey(reach(at), rsa, freshRsa);
      expect(await codeOf(proveKey(reach(at), rsa))).toBe('LOGIN_REFUSED');
    },
  );

  it('that takes RSA keys with rsa-sha2-512 alone is a way to another host as well', async () => {
    const [jump, inner] = [await sshd('PubkeyAcceptedAlgorithms rsa-sha2-512'), await sshd()];
    expect(await codeOf(proveKey(reach({ ...inner.at, via: jump.at as JumpHost }), rsa))).toBe('fulfilled');
  });

  it('that knows an RSA key and lets nobody in with it is not asked with another signature', async () => {
    const { server, at } = await sshd('AuthenticationMethods publickey,password', 'PasswordAuthentication yes');
    expect(await codeOf(proveKey(reach(at), rsa))).toBe('LOGIN_LIMITED');
    expect(server.log().match(/Partial publickey/g)).toHaveLength(1);
  });

  it.each([
    ['key exchange', ['KexAlgorithms sntrup761x25519-sha512@openssh.com']],
    ['key exchange', ['KexAlgorithms diffie-hellman-group14-sha1']],
    ['cipher', ['Ciphers aes256-cbc']],
    ['cipher', ['Ciphers 3des-cbc']],
    ['MAC', ['MACs umac-128-etm@openssh.com', 'Ciphers aes128-ctr']],
  ])('that has no %s in common is told so: %j', async (what, settings) => {
    const { at } = await sshd(...settings);
    const error = await refused(reach(at));
    expect([error.code, error.message]).toEqual([
      'HOST_ALGORITHMS_DIFFER',
      expect.stringContaining(`no ${what} in common`),
    ]);
    expect(failures.HOST_ALGORITHMS_DIFFER.retry).toBeUndefined();
  });

  it('that has nothing in common is not taken for the host behind it', async () => {
    const [jump, inner] = [await sshd('Ciphers aes256-cbc'), await sshd()];
    const error = await refused(reach({ ...inner.at, via: jump.at as JumpHost }));
    expect(error.code).toBe('JUMP_ALGORITHMS_DIFFER');
  });
});

it('the page on hosts lists what a login offers', () => {
  const page = readFileSync(new URL('../../docs/rotation.md', import.meta.url), 'utf8');
  const ssh2 = createRequire(import.meta.url)('ssh2/lib/protocol/constants.js') as Record<string, string[]>;
  const names = (kind: string) =>
    [...new RegExp(`^\\| ${kind}.*?\\| (.*) \\|$`, 'm').exec(page)![1]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  expect(names('key exchange').sort()).toEqual(ssh2.DEFAULT_KEX!.toSorted());
  expect(names('cipher').sort()).toEqual(ssh2.DEFAULT_CIPHER!.toSorted());
  expect(names('MAC').sort()).toEqual(ssh2.DEFAULT_MAC!.toSorted());
  expect(names('host key').sort()).toEqual(algorithmsOf(hostKeyTypes).toSorted());
});

describe('a server that offers', () => {
  const usual = {
    kex: 'curve25519-sha256',
    hostKey: 'ssh-ed25519',
    cipherTo: 'aes128-ctr',
    cipherFrom: 'aes128-ctr',
    macTo: 'hmac-sha2-256',
    macFrom: 'hmac-sha2-256',
    compressionTo: 'none',
    compressionFrom: 'none',
  };

  /** Says who it is and what it has, as in RFC 4253 section 7.1, and no more. */
  async function serving(greet: (socket: Socket) => void): Promise<Where> {
    const open = new Set<Socket>();
    const server = createServer((socket) => {
      open.add(socket.on('error', () => {}));
      greet(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
    return {
      host: '127.0.0.1',
      port: (server.address() as { port: number }).port,
      user: 'u',
      hostKeys: [ed.publicKey],
    };
  }
  const offering = (lists: Partial<typeof usual>) =>
    serving((socket) => {
      const names = [...Object.values({ ...usual, ...lists }), '', ''];
      const payload = [Buffer.from([20]), Buffer.alloc(16), ...names.map(text), Buffer.alloc(5)];
      socket.write(`SSH-2.0-sample\r\n`);
      socket.write(packet(Buffer.concat(payload)));
    });

  it.each([
    ['key exchange', { kex: 'mlkem768x25519-sha256' }],
    ['key exchange', { kex: '' }],
    ['cipher', { cipherTo: 'aes256-cbc' }],
    ['cipher', { cipherFrom: 'aes256-cbc' }],
    ['MAC', { macTo: 'umac-64@openssh.com' }],
    ['MAC', { macFrom: 'hmac-md5' }],
    ['compression', { compressionTo: 'zstd' }],
    ['compression', { compressionFrom: 'zstd' }],
  ])('no %s that is known here is told so: %j', async (what, lists) => {
    const error = await refused(reach(await offering(lists)));
    expect([error.code, error.message]).toEqual([
      'HOST_ALGORITHMS_DIFFER',
      expect.stringContaining(`no ${what} in common`),
    ]);
    for (const names of Object.values(lists)) if (names) expect(error.message).not.toContain(names);
  });

  it.each([
    ['no pinned key', [], true],
    ['a fingerprint that does not say of which type its key is', [`SHA256:${'A'.repeat(43)}`], false],
  ] as const)('host keys of unknown types alone is told so where there is %s', async (_, hostKeys, acceptUnknown) => {
    const at = { ...(await offering({ hostKey: 'ssh-dss,sk-ssh-ed25519@openssh.com' })), hostKeys };
    const error = await refused(reach(at, acceptUnknown));
    expect([error.code, error.message]).toEqual([
      'HOST_ALGORITHMS_DIFFER',
      expect.stringContaining('no host key algorithm in common'),
    ]);
  });

  it('host keys of other types than the pinned ones is one whose key changed', async () => {
    const at = await offering({ hostKey: 'ecdsa-sha2-nistp256' });
    expect((await refused(reach(at))).code).toBe('HOST_KEY_CHANGED');
  });

  it('nothing, and says that the key exchange failed before it says what it has, is told from a broken line', async () => {
    const KEY_EXCHANGE_FAILED = 3;
    const at = await serving((socket) => {
      const disconnect = [Buffer.from([1, 0, 0, 0, KEY_EXCHANGE_FAILED]), text('no luck'), text('')];
      socket.write('SSH-2.0-sample\r\n');
      socket.write(packet(Buffer.concat(disconnect)));
    });
    expect((await refused(reach(at), stranger)).code).toBe('HOST_ALGORITHMS_DIFFER');
  });
});

/** RFC 4251 section 5: a string after its length. */
function text(words: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(words.length);
  return Buffer.concat([length, Buffer.from(words)]);
}
/** RFC 4253 section 6, before there are keys. */
function packet(payload: Buffer): Buffer {
  const padding = 8 - ((payload.length + 5) % 8) + 4;
  const filled = padding + ((8 - ((payload.length + 5 + padding) % 8)) % 8);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + payload.length + filled);
  head[4] = filled;
  return Buffer.concat([head, payload, Buffer.alloc(filled)]);
}
