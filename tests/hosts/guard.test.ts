// Where a login may lead: decided once the name was resolved, for every address that it has, at the moment of connecting. No
// connection is made to find out: what is refused sends nothing.
import { BlockList, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deadlineIn } from '../../lib/clock.ts';
import { type Destination, dial, type Resolve } from '../../lib/hosts/dial.ts';
import { type HostRulesText, hostRules } from '../../lib/hosts/host-rules.ts';
import { sshHosts } from '../../lib/hosts/ssh.ts';
import { testClock } from '../doubles/test-clock.ts';
import { codeOf, makeKey, patiently } from './keys.ts';

const clock = testClock();
const key = makeKey();
/** Listens on every address of this machine, and counts who comes. */
let server: Server;
let port: number;
let came = 0;
beforeAll(async () => {
  server = createServer((socket) => {
    came += 1;
    socket.on('error', () => {}).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '::', resolve));
  port = (server.address() as { port: number }).port;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  came = 0;
});

const rules = (over: Partial<HostRulesText> = {}) =>
  hostRules({ networks: '10.0.0.0/8', names: '', ports: '1-65535', ...over });
const everything = rules({ networks: '0.0.0.0/0,::/0' });
const here = rules({ networks: '127.0.0.1/32,::1/128' });

const login = (host: string, by = everything, resolve?: Resolve, at = port) =>
  codeOf(
    sshHosts({ clock, rules: by, ...(resolve && { resolve }), connectMs: 5_000 }).login(
      { host, port: at, user: 'root', hostKeys: [key.publicKey] },
      key.privateKey,
      { until: deadlineIn(clock, 60_000) },
    ),
  );
const answers =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses;

describe('a login', () => {
  it('reaches this machine where that is listed, so that what follows proves something', async () => {
    expect(await login('127.0.0.1', here)).toBe('HOST_UNREACHABLE'); // it hangs up
    expect(await login('any.example', here, answers('127.0.0.1'))).toBe('HOST_UNREACHABLE');
    await expect.poll(() => came, patiently).toBe(2);
  });

  it.each([
    ...[
      '127.0.0.1',
      '127.1',
      '0',
      '0.0.0.0',
      '0x7f000001',
      '0x7f.1',
      '2130706433',
      '0177.0.0.1',
      '127.0.0.1.',
      '１２７.0.0.1',
    ],
    ...['::1', '::', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::7f00:1', '::127.0.0.1'],
    ...[
      '64:ff9b::127.0.0.1',
      '2002:7f00:1::',
      'localhost',
      'LOCALHOST',
      'localhost.',
      'db.localhost',
      'x.cluster.local',
    ],
    ...['169.254.169.254', '::ffff:169.254.169.254', '100.100.100.200', '168.63.129.16', 'fd00:ec2::254'],
    ...['metadata.google.internal', '224.0.0.1', '255.255.255.255', '192.0.2.1', 'fe80::1', '::1%lo'],
  ])('never leads to %s, whatever is listed', async (host) => {
    expect(await login(host)).toBe('HOST_FORBIDDEN');
    expect(came).toBe(0);
  });

  it.each([
    '127.0.0.1',
    '::1',
    '::ffff:127.0.0.1',
    '169.254.169.254',
    '100.100.100.200',
    'fd00:ec2::254',
    '64:ff9b::1',
  ])(
    'leads nowhere by a name that is answered with %s, alone or beside an address that is allowed',
    async (address) => {
      expect(await login('web.example', everything, answers(address))).toBe('HOST_FORBIDDEN');
      expect(await login('web.example', everything, answers('10.0.0.1', address))).toBe('HOST_FORBIDDEN');
      expect(await login('web.example', everything, answers(address, '10.0.0.1'))).toBe('HOST_FORBIDDEN');
      expect(came).toBe(0);
    },
  );

  it.each(['192.168.0.1', '172.16.0.1', '100.64.0.1', 'fd12::1', '8.8.8.8'])(
    'does not lead to %s where only another network is listed',
    async (address) => {
      expect(await login(address, rules())).toBe('HOST_FORBIDDEN');
      expect(await login('web.example', rules(), answers(address))).toBe('HOST_FORBIDDEN');
      expect(await login('web.example', rules({ networks: '' }), answers(address))).toBe('HOST_FORBIDDEN');
    },
  );

  it('takes of the addresses of a name those that are listed', async () => {
    expect(await login('web.example', here, answers('10.0.0.1', '127.0.0.1', '::1'))).toBe('HOST_UNREACHABLE');
    await expect.poll(() => came, patiently).toBe(1);
  });

  it('asks for the addresses once, and connects to what was decided on, not to what the name says a moment later', async () => {
    let asked = 0;
    const rebinding: Resolve = async () => {
      asked += 1;
      return asked === 1 ? ['127.0.0.1'] : ['127.0.0.2'];
    };
    expect(await login('web.example', here, rebinding)).toBe('HOST_UNREACHABLE');
    expect(asked).toBe(1);
    await expect.poll(() => came, patiently).toBe(1);
    expect(await login('web.example', here, rebinding)).toBe('HOST_FORBIDDEN'); // decided on anew
    expect([asked, came]).toEqual([2, 1]);
  });

  it('is given up when the name is not resolved in time, or not at all', async () => {
    const never = sshHosts({ clock, rules: here, resolve: () => new Promise(() => {}), connectMs: 50 });
    const to = { host: 'web.example', port, user: 'root', hostKeys: [key.publicKey] };
    expect(await codeOf(never.login(to, key.privateKey, { until: deadlineIn(clock, 60_000) }))).toBe(
      'HOST_UNREACHABLE',
    );
    expect(await login('web.example', here, () => Promise.reject(new Error('ENOTFOUND web.example')))).toBe(
      'HOST_UNREACHABLE',
    );
    expect(await login('web.example', here, answers())).toBe('HOST_UNREACHABLE');
  });

  it('leads to the listed ports and names alone', async () => {
    const few = { networks: '127.0.0.1/32', ports: '22,2200-2299', names: '*.example.com,bastion.example.net' };
    const by = rules(few);
    const forbidden = async (host: string, at: number) =>
      (await login(host, by, answers('127.0.0.1'), at)) === 'HOST_FORBIDDEN';
    expect(await Promise.all([1, 23, 2199, 2300, port].map((at) => forbidden('web.example.com', at)))).toEqual(
      Array(5).fill(true),
    );
    const names = [
      'example.com',
      'xexample.com',
      'web.example.org',
      '.example.com',
      'bastion.example.net.evil.example',
    ];
    expect(await Promise.all(names.map((name) => forbidden(name, 22)))).toEqual(Array(5).fill(true));
    const open = rules({ ...few, ports: '1-65535' });
    for (const name of ['web.example.com', 'a.b.EXAMPLE.com', 'bastion.example.net'])
      expect(await login(name, open, answers('127.0.0.1'))).toBe('HOST_UNREACHABLE');
  });
});

describe('the second wall', () => {
  const through = (to: Destination) =>
    dial(to, new AbortController().signal).then(
      (socket) => {
        socket.destroy();
        return 'in';
      },
      ({ code }: { code?: string }) => code ?? 'failed',
    );

  it.each([[['127.0.0.1']], [['::1']], [['::ffff:127.0.0.1']], [['127.0.0.1', '::1']]])(
    'is Node: it connects to none of %j, even if they were decided on by mistake',
    async (addresses) => {
      const error = await through({ addresses, port, blocked: everything.blocked });
      expect(error).toBe('ERR_IP_BLOCKED');
      expect(came).toBe(0);
    },
  );

  it('ends a connection whose far end is not the address that was decided on', async () => {
    // The system takes the unspecified address for this machine.
    expect(await through({ addresses: ['0.0.0.0'], port, blocked: new BlockList() })).toBe('HOST_FORBIDDEN');
    expect(await through({ addresses: ['127.0.0.1'], port, blocked: new BlockList() })).toBe('in');
  });
});
