// Hosts that do not do what a host should: silent, broken, endless. No OpenSSH is needed for these.
import { createServer, type Server, type Socket } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { afterEach, describe, expect, it } from 'vitest';
import { deadlineIn } from '../../lib/clock.ts';
import type { Session } from '../../lib/hosts/hosts.ts';
import { type SshHostsOptions, sshHosts } from '../../lib/hosts/ssh.ts';
import { testClock } from '../doubles/test-clock.ts';
import { cable } from './cable.ts';
import { codeOf, makeKey, makeRsaKey, patiently } from './keys.ts';
import { thisMachine } from './rules.ts';

const key = makeKey();
const hostKey = makeKey();
const clock = testClock();
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const login = (port: number, options: Partial<SshHostsOptions> = {}, by = key): Promise<Session> =>
  sshHosts({ clock, rules: thisMachine, ...options }).login(
    { host: '127.0.0.1', port, user: 'u', hostKeys: [hostKey.publicKey] },
    by.privateKey,
    { until: deadlineIn(clock, 60_000) },
  );

/** A server of the kind that `behave` makes of each of its connections, and the sockets that are open to it. */
async function tcp(behave: (socket: Socket) => void): Promise<{ port: number; open: Set<Socket> }> {
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => open.delete(socket));
    behave(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as { port: number }).port, open };
}

/** @param onSession what happens before a session is granted  @param onExec what the command gets for an answer */
function host(behave: {
  onAuth?: (method: string) => 'accept' | 'reject';
  onSession?: () => 'grant' | 'refuse' | 'no command';
  onExec?: (channel: ServerChannel, connection: Connection) => void;
  onConnection?: (connection: Connection) => void;
}) {
  const { onConnection = () => {}, onAuth = () => 'accept', onSession = () => 'grant', onExec = () => {} } = behave;
  const ssh = new ssh2.Server({ hostKeys: [hostKey.privateKey.reveal()] }, (connection) => {
    connection.on('error', () => {});
    onConnection(connection);
    connection.on('authentication', (context) => {
      if (onAuth(context.method) === 'accept') context.accept();
      else context.reject(['password', 'keyboard-interactive', 'publickey']);
    });
    connection.on('session', (accept, reject) => {
      const decided = onSession();
      if (decided === 'refuse') return reject();
      if (decided === 'no command') return void accept().on('exec', (_grant, deny) => deny());
      accept().on('exec', (granted) => {
        const channel = granted();
        channel.on('error', () => {});
        onExec(channel, connection);
      });
    });
  });
  return tcp((socket) => ssh.injectSocket(socket));
}

/** Answers every command like this. */
const says = (text: string, status: number) => (channel: ServerChannel) => {
  channel.write(text);
  channel.exit(status);
  channel.end();
};

describe('a server', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['says nothing', () => {}],
    ['hangs up', (socket) => socket.end()],
    ['resets the connection', (socket) => socket.resetAndDestroy()],
    ['speaks HTTP', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['speaks SSH 1', (socket) => socket.end('SSH-1.5-old\r\n')],
    ['greets and then sends noise', (socket) => socket.write(`SSH-2.0-x\r\n${'\xff\0y'.repeat(4_000)}`)],
    ['greets and then says nothing', (socket) => socket.write('SSH-2.0-x\r\n')],
  ])('is unreachable, and leaves nothing open, when it %s', async (_what, behave) => {
    const { port, open } = await tcp((socket) => behave(socket.resume())); // the end is seen only by reading
    expect(await codeOf(login(port, { greetingMs: 100 }))).toBe('HOST_UNREACHABLE');
    await expect.poll(() => open.size, patiently).toBe(0);
  });

  it('is offered the key and nothing else when it accepts no key', async () => {
    const methods: string[] = [];
    const { port, open } = await host({
      onAuth: (method) => {
        methods.push(method);
        return 'reject';
      },
    });
    expect(await codeOf(login(port))).toBe('LOGIN_REFUSED');
    expect(new Set(methods)).toEqual(new Set(['publickey']));
    await expect.poll(() => open.size, patiently).toBe(0);
  });
});

describe('a server that lists its signature algorithms', () => {
  /** RFC 8308 section 3.1. ssh2's own server has a list that cannot be changed, so it is changed as it is sent. */
  const listing = (change: (algorithms: string) => string) => ({
    onConnection(connection: Connection) {
      const { _packetRW: packets } = (connection as never as { _protocol: { _packetRW: { write: Writer } } })._protocol;
      let writer = packets.write; // another one once the keys are exchanged, whose first packet is the list
      const set = (next: Writer) => {
        const finalize = next.finalize.bind(next);
        writer = next;
        next.finalize = (packet) => {
          const text = packet.toString('latin1');
          if (text.includes('server-sig-algs')) packet.write(change(text), 'latin1');
          return finalize(packet);
        };
      };
      Object.defineProperty(packets, 'write', { get: () => writer, set });
    },
    onAuth: () => 'reject' as const,
  });
  interface Writer {
    finalize(packet: Buffer): Buffer;
  }
  const rsa = makeRsaKey();

  it('is known to take no RSA when none is in the list, and is not offered the key', async () => {
    const methods: string[] = [];
    const behave = listing((algorithms) => algorithms.replaceAll('rsa', 'xyz'));
    const onAuth = (method: string) => {
      methods.push(method);
      return 'reject' as const;
    };
    const { port, open } = await host({ ...behave, onAuth });
    expect(await codeOf(login(port, {}, rsa))).toBe('HOST_TAKES_NO_RSA');
    expect(methods).toEqual([]);
    expect(await codeOf(login(port))).toBe('LOGIN_REFUSED'); // another type of key
    await expect.poll(() => open.size, patiently).toBe(0);
  });

  it('refuses the key itself when RSA is in the list', async () => {
    const { port } = await host(listing((algorithms) => algorithms));
    expect(await codeOf(login(port, {}, rsa))).toBe('LOGIN_REFUSED');
  });
});

describe('a session', () => {
  it('has a silent shell when its commands are granted and never answered', async () => {
    const { port, open } = await host({});
    const session = await login(port, { commandMs: 100 });
    expect(await codeOf(session.read())).toBe('HOST_SHELL_SILENT');
    await session.close();
    await expect.poll(() => open.size, patiently).toBe(0);
  });

  it('is given up when its output never ends', async () => {
    const { port } = await host({ onExec: (channel) => void channel.write('x'.repeat(100_000)) });
    const session = await login(port, { maxAnswerBytes: 50_000 });
    expect(await codeOf(session.read())).toBe('HOST_FILE_UNUSABLE');
    await session.close();
  });

  it('has a shell that asks when what never ends is a question', async () => {
    const { port } = await host({
      onExec: (channel) => void channel.write('1) status\n2) quit\nChoice: '.repeat(5_000)),
    });
    const session = await login(port, { maxAnswerBytes: 50_000 });
    expect(await codeOf(session.read())).toBe('HOST_SHELL_UNUSABLE');
    await session.close();
  });

  it.each<[string, string, Parameters<typeof host>[0]]>([
    ['HOST_COMMAND_FORCED', 'runs something else', { onExec: says('Hello.\n', 0) }],
    ['HOST_COMMAND_FORCED', 'says nothing and reports success', { onExec: says('', 0) }],
    ['HOST_SHELL_UNUSABLE', 'says that there is no account', { onExec: says('This account is not available.\n', 1) }],
    ['HOST_SHELL_UNUSABLE', 'says nothing and fails', { onExec: says('', 1) }],
    [
      'HOST_SHELL_UNUSABLE',
      'wants another password',
      { onExec: says('Password change required but no TTY available.\n', 1) },
    ],
    ['HOST_SHELL_UNUSABLE', 'has no sh', { onExec: says('', 127) }],
    ['HOST_SHELL_UNUSABLE', 'takes no command', { onSession: () => 'no command' }],
    ['HOST_UNREACHABLE', 'is closed for now (/etc/nologin)', { onExec: says('Back at noon.\n', 254) }],
    ['HOST_SESSION_REFUSED', 'opens no session', { onSession: () => 'refuse' }],
  ])('ends as %s when the host %s', async (code, _what, behave) => {
    const { port } = await host(behave);
    const session = await login(port);
    expect(await codeOf(session.read())).toBe(code);
    await session.close();
  });

  it('asks again when the session before it still counts, as often as that takes', async () => {
    let asked = 0;
    const { port } = await host({
      onSession: () => (asked++ % 4 === 0 ? 'grant' : 'refuse'),
      onExec: says('Hello.\n', 0),
    });
    const session = await login(port);
    for (let command = 0; command < 3; command += 1) expect(await codeOf(session.read())).toBe('HOST_COMMAND_FORCED');
    expect(asked).toBe(9);
    await session.close();
  });

  it.each<[string, (channel: ServerChannel, connection: Connection) => void]>([
    ['ends the connection', (_channel, connection) => void connection.end()],
    ['ends the channel without a word', (channel) => void channel.close()],
  ])('does not hang when the host %s', async (_what, onExec) => {
    const { port } = await host({ onExec });
    const session = await login(port);
    expect(['HOST_UNREACHABLE', 'HOST_COMMAND_FORCED']).toContain(await codeOf(session.read()));
    await session.close();
  });

  it('sends no content once the deadline has passed, even if it passed between the request and its grant', async () => {
    const received: Buffer[] = [];
    const { port } = await host({
      onSession() {
        clock.advance(60_000);
        return 'grant';
      },
      onExec: (channel) => void channel.on('data', (data: Buffer) => received.push(data)),
    });
    const session = await login(port);
    expect(await codeOf(session.replace(`sha256:${'0'.repeat(64)}`, 'new'))).toBe('DEADLINE_PASSED');
    await session.close();
    expect(received).toEqual([]);
  });

  it('can be closed, and more than once, even when the far side reads nothing more', async () => {
    const { port } = await host({});
    const line = await cable(port);
    closing.push(() => line.close());
    const session = await login(line.port);
    line.freeze();
    await Promise.all([session.close(), session.close()]);
    expect(await codeOf(session.read())).toBe('HOST_UNREACHABLE');
  });
});
