// Hosts that do not do what a host should: silent, broken, endless. No OpenSSH is needed for these.
import { createServer, type Server, type Socket } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { afterEach, describe, expect, it } from 'vitest';
import { deadlineIn } from '../../lib/clock.ts';
import type { Session } from '../../lib/hosts/hosts.ts';
import { type SshHostsOptions, sshHosts } from '../../lib/hosts/ssh.ts';
import { testClock } from '../doubles/test-clock.ts';
import { cable } from './cable.ts';
import { codeOf, makeKey, patiently } from './keys.ts';
import { thisMachine } from './rules.ts';

const key = makeKey();
const hostKey = makeKey();
const clock = testClock();
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const login = (port: number, options: Partial<SshHostsOptions> = {}): Promise<Session> =>
  sshHosts({ clock, rules: thisMachine, ...options }).login(
    { host: '127.0.0.1', port, user: 'u', hostKeys: [hostKey.publicKey] },
    key.privateKey,
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
  onSession?: () => 'grant' | 'refuse';
  onExec?: (channel: ServerChannel, connection: Connection) => void;
}) {
  const { onAuth = () => 'accept', onSession = () => 'grant', onExec = () => {} } = behave;
  const ssh = new ssh2.Server({ hostKeys: [hostKey.privateKey.reveal()] }, (connection) => {
    connection.on('error', () => {});
    connection.on('authentication', (context) => {
      if (onAuth(context.method) === 'accept') context.accept();
      else context.reject(['password', 'keyboard-interactive', 'publickey']);
    });
    connection.on('session', (accept, reject) => {
      if (onSession() === 'refuse') return reject();
      accept().on('exec', (granted) => {
        const channel = granted();
        channel.on('error', () => {});
        onExec(channel, connection);
      });
    });
  });
  return tcp((socket) => ssh.injectSocket(socket));
}

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

describe('a session', () => {
  it('is unreachable when its commands are never answered', async () => {
    const { port, open } = await host({});
    const session = await login(port, { commandMs: 100 });
    expect(await codeOf(session.read())).toBe('HOST_UNREACHABLE');
    await session.close();
    await expect.poll(() => open.size, patiently).toBe(0);
  });

  it('is given up when its output never ends', async () => {
    const { port } = await host({ onExec: (channel) => void channel.write('x'.repeat(100_000)) });
    const session = await login(port, { maxAnswerBytes: 50_000 });
    expect(await codeOf(session.read())).toBe('HOST_FILE_UNUSABLE');
    await session.close();
  });

  it('is taken for one with a forced command when it runs something else, or nothing', async () => {
    const other = await host({
      onExec(channel) {
        channel.write('This account is not available.\n');
        channel.exit(1);
        channel.end();
      },
    });
    const none = await host({ onSession: () => 'refuse' });
    for (const { port } of [other, none]) {
      const session = await login(port);
      expect(await codeOf(session.read())).toBe('HOST_COMMAND_FORCED');
      await session.close();
    }
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
