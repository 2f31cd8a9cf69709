// A host behind another one, on real servers: the way there, what fails on it and where, and that nothing stays open.
import { createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, deadlineIn, systemClock } from '../../lib/clock.ts';
import type { Resolve } from '../../lib/hosts/dial.ts';
import { hostKeyFingerprint } from '../../lib/hosts/host-keys.ts';
import { hostRules } from '../../lib/hosts/host-rules.ts';
import type { Host, JumpHost } from '../../lib/hosts/hosts.ts';
import { addKey, type HostAccess, proveKey, removeKey } from '../../lib/hosts/keys-on-host.ts';
import { type SshHostsOptions, sshHosts } from '../../lib/hosts/ssh.ts';
import { type Sshd, startSshd } from '../../local/sshd.ts';
import { fullListener } from '../doubles/full-listener.ts';
import { testClock } from '../doubles/test-clock.ts';
import { makeAccount, noAccounts, noSshd, writeAs } from './accounts.ts';
import { cable } from './cable.ts';
import { codeOf, makeKey, patiently } from './keys.ts';
import { noServer, startDropbear, startTinySsh } from './other-servers.ts';
import { thisMachine } from './rules.ts';

const [old, fresh, manager, stranger] = [makeKey(), makeKey(), makeKey(), makeKey()];
let jump: Sshd;
let inner: Sshd;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  if (noSshd()) return;
  [jump, inner] = await Promise.all([startSshd(), startSshd()]);
});
afterAll(() => Promise.all([jump?.remove(), inner?.remove()]));
beforeEach(async (context) => {
  const why = noSshd();
  if (why) return context.skip(why);
  for (const server of [jump, inner]) await server.permit([old.publicKey]);
});
afterEach(async () => {
  const left = () => process.getActiveResourcesInfo().filter((name) => /^TCPSocket/.test(name));
  await expect.poll(left, patiently).toEqual([]); // whatever a test did, nothing of ours stays open
  for (const close of closing.splice(0).reverse()) await close();
});

const at = ({ host, port, user, hostKeys }: Sshd): JumpHost => ({ host, port, user, hostKeys: hostKeys.lines });
const behind = (over: Partial<Host> = {}, via: Partial<JumpHost> = {}): Host => ({
  ...at(inner),
  via: { ...at(jump), ...via },
  ...over,
});
const reach = (
  host: Host = behind(),
  options: Partial<SshHostsOptions> = {},
  more: Partial<HostAccess> = {},
  clock: Clock = systemClock,
): HostAccess => ({
  hosts: sshHosts({ rules: thisMachine, clock, ...options }),
  host,
  options: { until: deadlineIn(clock, 120_000) },
  ...more,
});
const proof = (host?: Host, options?: Partial<SshHostsOptions>, key = old) =>
  codeOf(proveKey(reach(host, options), key));
const came = (server: Sshd) => server.log().match(/Connection from/g)?.length ?? 0;
async function another(settings: readonly string[], lines = [old.publicKey]): Promise<Sshd> {
  const server = await startSshd({ settings });
  closing.push(() => server.remove());
  await server.permit(lines);
  return server;
}

describe('a host behind a jump host', () => {
  it('goes from one key to the next, as the jump host does before it', async () => {
    const shown = { hostKey: inner.hostKeys.fingerprints[0] };
    const before = came(jump);
    await addKey(reach(at(jump)), old, fresh);
    expect(await addKey(reach(), old, fresh)).toEqual(shown);
    expect(await proveKey(reach(), fresh)).toEqual(shown);
    await removeKey(reach(at(jump)), old, fresh);
    expect(await removeKey(reach(), old, fresh)).toEqual(shown);
    expect(await proof(behind(), {}, fresh)).toBe('fulfilled');
    expect(came(jump) - before).toBeGreaterThan(5);
  });

  it('is reached while the jump host has the other one of the two keys', async () => {
    await jump.permit([fresh.publicKey]);
    await addKey(reach(), old, fresh);
    await inner.permit([fresh.publicKey]);
    await jump.permit([old.publicKey]);
    await addKey(reach(), old, fresh); // nothing is left to write
  });

  it('shares it with other hosts, at once', async () => {
    const more = await Promise.all([another([]), another([]), another([])]);
    const hosts = more.map((server) => behind(at(server)));
    await Promise.all(hosts.map((host) => addKey(reach(host), old, fresh)));
    await jump.permit([old.publicKey, fresh.publicKey]);
    await Promise.all(hosts.map((host) => removeKey(reach(host), old, fresh)));
  });

  it('needs no session and no shell on the jump host', async () => {
    for (const settings of [['MaxSessions 0'], ['ForceCommand /bin/false']]) {
      const gate = await another(settings);
      expect(await proof(behind({}, at(gate)))).toBe('fulfilled');
    }
  });

  it('is edited by a management key that the jump host never sees', async () => {
    await inner.permit([`command="no" ${old.publicKey}`, manager.publicKey]);
    const print = hostKeyFingerprint(Buffer.from(manager.publicKey.split(' ')[1]!, 'base64'));
    await addKey(reach(behind(), {}, { management: async () => manager.privateKey }), old, fresh);
    await jump.permit([old.publicKey, fresh.publicKey]);
    await removeKey(reach(behind(), {}, { management: async () => manager.privateKey }), old, fresh);
    expect(inner.log()).toContain(print);
    expect(jump.log()).not.toContain(print);
  });

  it('can have its own host key recorded when it is first seen, and its jump host cannot', async () => {
    const options = { until: deadlineIn(systemClock, 60_000), acceptUnknown: true };
    const { hosts } = reach();
    const session = await hosts.login(behind({ hostKeys: [] }), old.privateKey, options);
    expect(session.hostKey).toBe(inner.hostKeys.fingerprints[0]);
    await session.close();
    const before = came(jump);
    expect(await codeOf(hosts.login(behind({}, { hostKeys: [] }), old.privateKey, options))).toBe('JUMP_KEY_REFUSED');
    expect(came(jump)).toBe(before);
  });

  it('ends its connection to the jump host when its session is closed', async () => {
    const { hosts, host, options } = reach();
    const session = await hosts.login(host, old.privateKey, options);
    await session.read();
    await Promise.all([session.close(), session.close()]);
    expect(process.getActiveResourcesInfo().filter((name) => /^TCPSocket/.test(name))).toEqual([]);
  });
});

describe('what fails at the jump host', () => {
  it.each<[string, string, () => Promise<Partial<JumpHost>>]>([
    ['JUMP_REFUSED', 'takes another key', async () => at(await another([], [stranger.publicKey]))],
    [
      'JUMP_REFUSED',
      'wants a second proof',
      async () => at(await another(['AuthenticationMethods publickey,password', 'PasswordAuthentication yes'])),
    ],
    ['JUMP_KEY_REFUSED', 'shows another host key', async () => ({ hostKeys: [stranger.publicKey] })],
    [
      'JUMP_KEY_REFUSED',
      'shows a host key of another fingerprint',
      async () => ({ hostKeys: [`SHA256:${'A'.repeat(43)}`] }),
    ],
    ['JUMP_UNREACHABLE', 'is down', async () => ({ port: 1 })],
    ['JUMP_UNREACHABLE', 'has no address', async () => ({ host: 'gate.invalid' })],
    ['JUMP_FORBIDDEN', 'is not allowed', async () => ({ host: '10.0.0.1' })],
    ['JUMP_FORBIDDEN', 'is one that never is', async () => ({ host: '169.254.169.254' })],
    ['JUMP_FORBIDDEN', 'has a forbidden address', async () => ({ host: 'forbidden.example' })],
    ['JUMP_NOT_FORWARDING', 'forwards nothing', async () => at(await another(['AllowTcpForwarding no']))],
    ['JUMP_NOT_FORWARDING', 'forwards to it alone', async () => at(await another(['AllowTcpForwarding remote']))],
    ['JUMP_NOT_FORWARDING', 'forwards elsewhere', async () => at(await another(['PermitOpen 127.0.0.1:1']))],
    ['JUMP_NOT_FORWARDING', 'forwards nothing at all', async () => at(await another(['DisableForwarding yes']))],
    ['JUMP_NOT_FORWARDING', 'restricts the key', async () => at(await another([], [`restrict ${old.publicKey}`]))],
  ])('is %s when it %s, and nothing comes to the host', async (code, _what, via) => {
    const host = behind({}, await via());
    const before = came(inner);
    const resolve: Resolve = async (name) => {
      if (name === 'forbidden.example') return ['127.0.0.1', '10.0.0.1', '169.254.169.254'];
      throw new Error('ENOTFOUND');
    };
    expect(await proof(host, { resolve })).toBe(code);
    expect(came(inner)).toBe(before);
  });

  it('is told when it says nothing', async () => {
    const port = await silent();
    expect(await proof(behind({}, { port }), { greetingMs: 100 })).toBe('JUMP_UNREACHABLE');
  });

  it('is told when it goes down during a session', async () => {
    const gate = await another([]);
    const { hosts, host, options } = reach(behind({}, at(gate)));
    const session = await hosts.login(host, old.privateKey, options);
    await session.read();
    await gate.stop();
    expect(await codeOf(session.read())).toBe('JUMP_UNREACHABLE');
    await session.close();
  });

  it('leaves nothing open when the line to it breaks, wherever that is', async () => {
    const line = await cable(jump.port);
    closing.push(() => line.close());
    const host = behind({}, { port: line.port });
    line.cutAfter(Number.POSITIVE_INFINITY);
    expect(await proof(host)).toBe('fulfilled');
    const whole = line.carried();
    const codes = new Set<unknown>();
    for (let part = 0; part < 14; part += 1) {
      line.cutAfter(Math.floor((whole * part) / 14));
      codes.add(await proof(host));
    }
    expect(codes).toEqual(new Set(['JUMP_UNREACHABLE']));
  });

  it.for([
    ['dropbear', [], 'fulfilled'],
    ['dropbear', ['-j'], 'JUMP_NOT_FORWARDING'],
    ['tinysshd', [], 'JUMP_REFUSED'],
  ] as const)('is told of %s with %j as well: %s', async ([name, options, expected], context) => {
    const why = noAccounts() ?? noServer(name);
    if (why) return context.skip(why);
    const account = await makeAccount();
    closing.push(() => account.remove());
    const server = name === 'dropbear' ? await startDropbear(options) : await startTinySsh();
    closing.push(() => server.remove());
    await writeAs(account, `${account.home}/.ssh/authorized_keys`, `${old.publicKey}\n`);
    const { host, port, hostKey } = server;
    expect(await proof(behind({}, { host, port, user: account.user, hostKeys: [hostKey] }))).toBe(expected);
  });
});

describe('what fails at the host behind it', () => {
  it.each<[string, string, () => Promise<Partial<Host>>]>([
    ['HOST_UNREACHABLE', 'is down', async () => ({ port: 1 })],
    ['HOST_UNREACHABLE', 'has no address', async () => ({ host: 'web.invalid' })],
    ['HOST_KEY_CHANGED', 'shows another host key', async () => ({ hostKeys: [stranger.publicKey] })],
    [
      'HOST_KEY_CHANGED',
      'shows a host key of another fingerprint',
      async () => ({ hostKeys: [`SHA256:${'A'.repeat(43)}`] }),
    ],
    ['HOST_KEY_UNKNOWN', 'has none that is pinned', async () => ({ hostKeys: [] })],
    ['LOGIN_REFUSED', 'takes another key', async () => at(await another([], [stranger.publicKey]))],
    [
      'LOGIN_LIMITED',
      'wants a second proof',
      async () => at(await another(['AuthenticationMethods publickey,password', 'PasswordAuthentication yes'])),
    ],
  ])('is %s when it %s', async (code, _what, over) => {
    const resolve: Resolve = () => Promise.reject(new Error('ENOTFOUND'));
    expect(await proof(behind(await over()), { resolve })).toBe(code);
  });

  it('is told when it says nothing', async () => {
    // As long as the jump host may need, which greets, too.
    expect(await proof(behind({ port: await silent() }), { greetingMs: 3_000 })).toBe('HOST_UNREACHABLE');
  });

  it('is told when it goes down during a session', async () => {
    const host = await another([]);
    const { hosts, host: to, options } = reach(behind(at(host)));
    const session = await hosts.login(to, old.privateKey, options);
    await session.read();
    await host.stop();
    expect(await codeOf(session.read())).toBe('HOST_UNREACHABLE');
    await session.close();
  });

  it('is told of its commands as it is of any host', async () => {
    const host = await another(['ForceCommand echo no']);
    expect(await codeOf(addKey(reach(behind(at(host))), old, fresh))).toBe('HOST_SERVER_FORCES');
    const none = await another(['MaxSessions 0']);
    expect(await codeOf(addKey(reach(behind(at(none))), old, fresh))).toBe('HOST_SESSION_REFUSED');
  });

  it('gets nothing more once the deadline has passed', async () => {
    const clock = testClock();
    const { hosts, host, options } = reach(behind(), {}, {}, clock);
    const session = await hosts.login(host, old.privateKey, options);
    const { digest, text } = await session.read();
    clock.advance(120_000);
    const before = came(jump);
    expect(await codeOf(session.replace(digest, `${text}# new\n`))).toBe('DEADLINE_PASSED');
    expect(await codeOf(hosts.login(host, old.privateKey, options))).toBe('DEADLINE_PASSED');
    expect(came(jump)).toBe(before);
    await session.close();
  });
});

describe('where a way may lead', () => {
  const answers =
    (...addresses: string[]): Resolve =>
    async () =>
      addresses;

  it.each<[string, Partial<Host>, Resolve]>([
    ['an address that is in no allowed network', { host: '10.0.0.1' }, answers()],
    ["a cloud's metadata", { host: '169.254.169.254' }, answers()],
    ['a name of the jump host itself', { host: 'localhost' }, answers('127.0.0.1')],
    ['a name with a forbidden address', { host: 'web.example' }, answers('127.0.0.1', '169.254.169.254')],
    ['a name with no allowed address', { host: 'web.example' }, answers('10.0.0.1')],
    ['a port that is not allowed', { port: 65_535 }, answers()],
  ])('is not %s, and the jump host is not even connected to', async (_what, over, resolve) => {
    const rules = hostRules({ networks: '127.0.0.0/8', names: '', ports: '1-65534' });
    const before = came(jump);
    expect(await proof(behind(over), { rules, resolve })).toBe('HOST_FORBIDDEN');
    expect(came(jump)).toBe(before);
  });

  it('is decided for a name by what it means here: the jump host is given the address', async () => {
    let asked = 0;
    const resolve: Resolve = async () => {
      asked += 1;
      return asked === 1 ? ['127.0.0.1'] : ['10.0.0.1'];
    };
    expect(await proof(behind({ host: 'web.example' }), { resolve })).toBe('fulfilled');
    expect(asked).toBe(1);
    expect(await proof(behind({ host: 'web.example' }), { resolve })).toBe('HOST_FORBIDDEN');
  });

  it('is each address of a name in turn, until one answers', async () => {
    const resolve = answers('127.0.0.2', '127.0.0.3', '127.0.0.1'); // the server listens on the last one
    expect(await proof(behind({ host: 'web.example' }), { resolve })).toBe('fulfilled');
    expect(await proof(behind({ host: 'web.example' }), { resolve: answers('127.0.0.2', '127.0.0.3') })).toBe(
      'HOST_UNREACHABLE',
    );
  });

  it('is another address of a name when one never answers the jump host, and none is left waiting', async () => {
    const dead = await fullListener('127.0.0.2', '', inner.port);
    try {
      for (const addresses of [
        ['127.0.0.2', '127.0.0.1'],
        ['127.0.0.3', '127.0.0.2', '127.0.0.1'],
        ['127.0.0.1', '127.0.0.2'],
      ])
        expect(await proof(behind({ host: 'web.example' }), { resolve: answers(...addresses) })).toBe('fulfilled');
    } finally {
      await dead.close();
    }
  });
});

/** A server that accepts connections and never says a word. @returns its port */
async function silent(): Promise<number> {
  const server: Server = createServer((socket) =>
    socket
      .on('error', () => {})
      .resume()
      .unref(),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as { port: number }).port;
}
