// Logging in, against real OpenSSH: which host it is, which key it is, and hosts that are not there.
import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deadlineIn, systemClock } from '../../lib/clock.ts';
import type { Host, Hosts } from '../../lib/hosts/hosts.ts';
import { sshHosts } from '../../lib/hosts/ssh.ts';
import { Secret } from '../../lib/secret.ts';
import { publicKeyLine } from '../../lib/ssh/public-key.ts';
import { type Sshd, startSshd } from '../../local/sshd.ts';
import { testClock } from '../doubles/test-clock.ts';
import { armoured, openSshFile, pem, rsa } from '../unit/ssh/keys.ts';
import { noSshd } from './accounts.ts';
import { codeOf, makeKey, patiently } from './keys.ts';
import { thisMachine } from './rules.ts';

const key = makeKey();
const stranger = makeKey();
const hosts = sshHosts({ rules: thisMachine });
const soon = () => deadlineIn(systemClock, 60_000);
let sshd: Sshd;

beforeAll(async () => {
  if (noSshd()) return;
  sshd = await startSshd({ hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'] });
});
afterAll(() => sshd?.remove());
beforeEach(async (context) => {
  const why = noSshd();
  if (why) context.skip(why);
  else await sshd.permit([key.publicKey]);
});

const host = (hostKeys: readonly string[] = sshd.hostKeys.fingerprints): Host => ({
  host: sshd.host,
  port: sshd.port,
  user: sshd.user,
  hostKeys,
});
/** @returns the host key that was shown */
async function login(to: Host = host(), privateKey = key.privateKey, acceptUnknown = false, by: Hosts = hosts) {
  const session = await by.login(to, privateKey, { until: soon(), acceptUnknown });
  await session.close();
  return session.hostKey;
}
/** Lines of the server's log that say how far a client came. */
const attempts = () => sshd.log().match(/(?:Accepted|Failed) publickey/g) ?? [];
const noSockets = () => expect(process.getActiveResourcesInfo().filter((name) => /TCPSocket/.test(name))).toEqual([]);

describe('the host key', () => {
  it.each([0, 1, 2])(
    'is recognised by its fingerprint alone and by its line alone (number %i of the host)',
    async (at) => {
      const { fingerprints, lines } = sshd.hostKeys;
      expect(await login(host([fingerprints[at]!]))).toBe(fingerprints[at]);
      expect(await login(host([`${lines[at]!} root@host`]))).toBe(fingerprints[at]);
      expect(await login(host([makeKey().publicKey, fingerprints[at]!]))).toBe(fingerprints[at]);
    },
  );

  it("is the first of the host's own that is pinned, when several are", async () => {
    const { fingerprints, lines } = sshd.hostKeys;
    expect(await login(host([lines[2]!, lines[1]!]))).toBe(fingerprints[1]);
    expect(await login(host())).toBe(fingerprints[0]);
  });

  it('is asked for at once when it is pinned by its line', async () => {
    const connections = () => sshd.log().match(/Connection from/g)?.length ?? 0;
    const before = connections();
    await login(host([sshd.hostKeys.lines[2]!]));
    await expect.poll(() => connections() - before, patiently).toBe(1);
  });

  it('ends the login, when it is not the pinned one, before the host learns of a user or a key', async () => {
    const lines = (text: RegExp) => sshd.log().match(text)?.length ?? 0;
    const underWay = () => lines(/Accepted publickey/g) - lines(/Disconnected from user/g); // of the tests before
    await expect.poll(underWay, patiently).toBe(0);
    const before = sshd.log().length;
    const pins = [
      [`SHA256:${'A'.repeat(43)}`],
      [makeKey().publicKey],
      [sshd.hostKeys.lines[1]!.replace(/.{9}$/, 'AAAAAAAA=')],
    ];
    for (const pin of pins) expect(await codeOf(login(host(pin)))).toBe('HOST_KEY_CHANGED');
    expect(sshd.log().slice(before)).not.toMatch(/publickey|user/i);
  });

  it('is refused when there is no pin for it, unless unknown host keys are accepted', async () => {
    expect(await codeOf(login(host([])))).toBe('HOST_KEY_UNKNOWN');
    expect(await login(host([]), key.privateKey, true)).toBe(sshd.hostKeys.fingerprints[0]);
    // With a pin, that changes nothing.
    expect(await codeOf(login(host([makeKey().publicKey]), key.privateKey, true))).toBe('HOST_KEY_CHANGED');
    expect(await codeOf(login(host(['MD5:00:11']), key.privateKey, true))).toBe('HOST_KEY_UNKNOWN');
  });

  it('counts as changed once it is no longer the one that was recorded', async () => {
    const recorded = await login(host([]), key.privateKey, true);
    expect(await login(host([recorded]))).toBe(recorded);
    await sshd.rekey();
    expect(await codeOf(login(host([recorded])))).toBe('HOST_KEY_CHANGED');
    expect(await login()).toBe(sshd.hostKeys.fingerprints[0]);
  });

  it('counts as changed when the pinned one is of a type that the host does not have', async () => {
    const { lines, fingerprints } = sshd.hostKeys;
    await sshd.rekey(['rsa']);
    for (const pin of [lines[0]!, lines[1]!, fingerprints[0]!]) {
      expect(await codeOf(login(host([pin])))).toBe('HOST_KEY_CHANGED');
    }
    expect(await login()).toBe(sshd.hostKeys.fingerprints[0]);
    await sshd.rekey(['ed25519', 'ecdsa', 'rsa']);
  });
});

describe('the key', () => {
  const made = rsa(2048);
  it.each([
    ['PKCS#1', pem(made, 'pkcs1')],
    ['PKCS#8', pem(made, 'pkcs8')],
    ["OpenSSH's own format", armoured(openSshFile(made), 'OPENSSH PRIVATE KEY', 70)],
  ])('may be RSA in %s, and then signs with SHA-2', async (_format, text) => {
    await sshd.permit([publicKeyLine(made)]);
    const before = attempts().length;
    await login(host(), new Secret(text));
    await expect.poll(() => attempts().slice(before), patiently).toEqual(['Accepted publickey']);
  });

  it('is the only thing that is tried, and is tried once', async () => {
    const before = attempts().length;
    expect(await codeOf(login(host(), stranger.privateKey))).toBe('LOGIN_REFUSED');
    await expect.poll(() => attempts().slice(before), patiently).toEqual(['Failed publickey']);
    expect(sshd.log()).not.toMatch(/Failed (?:none|password|keyboard)/);
    noSockets();
  });

  it('is refused with the same code for a user who does not exist', async () => {
    expect(await codeOf(login({ ...host(), user: 'nobody-at-all' }))).toBe('LOGIN_REFUSED');
  });

  it('is refused when the host hangs up after the first one', async () => {
    const strict = await startSshd({ settings: ['MaxAuthTries 1'] });
    try {
      await strict.permit([key.publicKey]);
      const to = { ...host(strict.hostKeys.lines), port: strict.port };
      expect(await codeOf(login(to, stranger.privateKey))).toBe('LOGIN_REFUSED');
      expect(await login(to)).toBe(strict.hostKeys.fingerprints[0]);
    } finally {
      await strict.remove();
    }
  });

  it('is in no error, and neither is what the host said', async () => {
    const errors = await Promise.all([
      login(host(), stranger.privateKey).catch((error: Error) => error),
      login(host([makeKey().publicKey])).catch((error: Error) => error),
      login({ ...host(), port: 1 }).catch((error: Error) => error),
    ]);
    for (const error of errors) {
      const everything = inspect(error, { depth: Infinity, showHidden: true });
      expect(everything).not.toMatch(/PRIVATE|authentication methods|Handshake failed|127\.0\.0\.1/);
      expect((error as Error).cause).toBeUndefined();
    }
  });
});

describe('a host', () => {
  it('is unreachable while it is down, and can be logged in to when it is back', async () => {
    await sshd.stop();
    expect(await codeOf(login())).toBe('HOST_UNREACHABLE');
    noSockets();
    await sshd.restart();
    expect(await login()).toBe(sshd.hostKeys.fingerprints[0]);
  });

  it('is unreachable once it has gone down during a session', async () => {
    const session = await hosts.login(host(), key.privateKey, { until: soon() });
    await session.read();
    await sshd.stop();
    expect(await codeOf(session.read())).toBe('HOST_UNREACHABLE');
    await session.close();
    noSockets();
    await sshd.restart();
  });

  it('is unreachable when its name cannot be looked up', async () => {
    expect(await codeOf(login({ ...host(), host: `${'x'.repeat(63)}.invalid` }))).toBe('HOST_UNREACHABLE');
  });

  it('may be one of several at once, each with keys of its own', async () => {
    const more = await Promise.all([startSshd(), startSshd({ hostKeyTypes: ['rsa'] })]);
    try {
      const keys = [makeKey(), makeKey()];
      await Promise.all(more.map((one, at) => one.permit([keys[at]!.publicKey])));
      const to = (one: Sshd): Host => ({ ...host(one.hostKeys.lines), port: one.port });
      const shown = await Promise.all([...more, ...more].map((one, at) => login(to(one), keys[at % 2]!.privateKey)));
      expect(shown).toEqual([...more, ...more].map((one) => one.hostKeys.fingerprints[0]));
      expect(await codeOf(login(to(more[0]!), keys[1]!.privateKey))).toBe('LOGIN_REFUSED');
      expect(await codeOf(login({ ...to(more[0]!), port: more[1]!.port }, keys[1]!.privateKey))).toBe(
        'HOST_KEY_CHANGED',
      );
    } finally {
      await Promise.all(more.map((one) => one.remove()));
    }
  });
});

describe('the deadline', () => {
  it.each(['both', 'wall', 'monotonic'] as const)(
    'lets nothing be sent once it has passed (clock: %s)',
    async (reading) => {
      const clock = testClock();
      const by = sshHosts({ clock, rules: thisMachine });
      const until = deadlineIn(clock, 60_000);
      await sshd.permit([key.publicKey, '# before']);
      const session = await by.login(host(), key.privateKey, { until });
      const { digest, text } = await session.read();
      clock.advance(60_000, reading);
      const before = sshd.log().length;
      expect(await codeOf(session.replace(digest, `${text}# new\n`))).toBe('DEADLINE_PASSED');
      expect(await codeOf(session.read())).toBe('DEADLINE_PASSED');
      expect(await codeOf(by.login(host(), key.privateKey, { until }))).toBe('DEADLINE_PASSED');
      expect(sshd.log().length).toBe(before);
      await session.close();
      expect(await readFile(sshd.keysFile(), 'utf8')).toBe(text);
      noSockets();
    },
  );
});
