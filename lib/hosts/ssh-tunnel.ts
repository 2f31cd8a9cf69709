// The way to a host through another one: a channel of a login on the jump host (RFC 4254 section 7.2, direct-tcpip). Each login
// behind it has a login of its own there, which ends with it.
import type { ClientChannel } from 'ssh2';
import { type FailureCode, VendingError } from '../errors.ts';
import { type Destination, HEAD_START_MS } from './dial.ts';
import { HostSilence } from './hosts.ts';
import { type Line, PATIENCE_MS } from './line.ts';
import { unreachable } from './remote-edit.ts';
import type { Login } from './ssh-command.ts';
import type { Wire } from './ssh-wire.ts';

/** What a failed login on the jump host is called: that one has to be mended there, and not on the host behind it. */
const codesAtJump: Partial<Record<FailureCode, FailureCode>> = {
  HOST_FORBIDDEN: 'JUMP_FORBIDDEN',
  HOST_UNREACHABLE: 'JUMP_UNREACHABLE',
  HOST_KEY_CHANGED: 'JUMP_KEY_REFUSED',
  HOST_KEY_UNKNOWN: 'JUMP_KEY_REFUSED',
  LOGIN_REFUSED: 'JUMP_REFUSED',
  LOGIN_LIMITED: 'JUMP_REFUSED',
  HOST_TAKES_NO_RSA: 'JUMP_REFUSED',
  HOST_ALGORITHMS_DIFFER: 'JUMP_ALGORITHMS_DIFFER',
};

export function atJump(error: unknown): unknown {
  const code = error instanceof VendingError ? codesAtJump[error.code] : undefined;
  return code === undefined ? error : new VendingError(code, 'The jump host could not be used', { cause: error });
}

/**
 * Has the jump host connect to whichever of these addresses answers it first. It is given addresses and never a name: what it
 * would take a name for, nobody has decided on.
 * @param login on the jump host; ends with the line, or at once where there is none
 * @throws {VendingError} HOST_UNREACHABLE when it reaches none of them; JUMP_NOT_FORWARDING; JUMP_UNREACHABLE; DEADLINE_PASSED
 */
export async function tunnel(login: Login, to: Destination): Promise<Line> {
  const { wire, limits } = login;
  const timer = wire.endIn(limits.connectMs, () => new HostSilence('The jump host did not reach the host in time'));
  try {
    const channel = await firstOf(login, to);
    if (channel !== undefined) return channelLine(channel, wire);
    throw unreachable('The jump host did not reach the host');
  } catch (error) {
    await wire.close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** As sockets of our own are raced (lib/transport/race.ts), but by channels of the jump host. Asks for the next one a moment later, or at once after one that failed. @returns undefined when none could be reached */
const firstOf = (login: Login, { addresses, port }: Destination) =>
  new Promise<ClientChannel | undefined>((resolve, reject) => {
    const left = [...addresses];
    let asked = 0;
    let over = false;
    let timer: NodeJS.Timeout | undefined;
    const end = (settle: () => void) => {
      over = true;
      clearTimeout(timer);
      settle();
    };
    const next = () => {
      clearTimeout(timer);
      const address = left.shift();
      if (address === undefined) {
        if (asked === 0) end(() => resolve(undefined));
        return;
      }
      asked += 1;
      opened(login, address, port).then(
        (channel) => {
          asked -= 1;
          if (over) channel?.on('error', () => {}).close();
          else if (channel === undefined) next();
          else end(() => resolve(channel));
        },
        (error) => end(() => reject(error)),
      );
      if (left.length > 0) timer = setTimeout(next, HEAD_START_MS);
    };
    next();
  });

/** RFC 4254 section 5.1. */
const [PROHIBITED, CONNECT_FAILED, UNKNOWN_TYPE] = [1, 2, 3];

/** @returns undefined when the jump host could not connect */
function opened({ client, wire }: Login, address: string, port: number): Promise<ClientChannel | undefined> {
  return new Promise((resolve, reject) => {
    const lost = () => reject(wire.failure ?? broken());
    if (wire.closed) return lost();
    void wire.over.then(lost);
    try {
      // Whom the connection is for is ours to say, and nobody's to know.
      client.forwardOut('127.0.0.1', 0, address, port, (error: (Error & { reason?: unknown }) | undefined, channel) => {
        if (error === undefined) return resolve(channel);
        if (error.reason === CONNECT_FAILED) return resolve(undefined);
        if (error.reason === PROHIBITED || error.reason === UNKNOWN_TYPE) return reject(notForwarding());
        wire.fail(broken());
      });
    } catch {
      wire.fail(broken()); // it has ended the connection
    }
  });
}

function channelLine(channel: ClientChannel, jump: Wire): Line {
  let hungUp = false;
  channel.on('error', () => {});
  channel.stderr.resume();
  // Half of it may be left, unlike of a socket: a jump host passes on that the host sends no more, and waits. SSH needs both halves.
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      hungUp ||= !jump.closed;
      resolve();
      void jump.close();
    };
    channel.once('end', end).once('close', end);
  });
  return {
    stream: channel,
    connected: Promise.resolve(),
    over: jump.over,
    get closed() {
      return hungUp || jump.closed;
    },
    reason: () => (jump.closed && !hungUp ? ((atJump(jump.failure) as Error | undefined) ?? broken()) : undefined),
    cut: () => jump.line.cut(),
    async end() {
      channel.end();
      let patience: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        patience = setTimeout(resolve, PATIENCE_MS);
      });
      await Promise.race([ended, jump.over, late]);
      clearTimeout(patience);
      hungUp ||= !jump.closed;
      await jump.close();
    },
  };
}

const broken = () => new VendingError('JUMP_UNREACHABLE', 'The connection to the jump host broke');
const notForwarding = () => new VendingError('JUMP_NOT_FORWARDING', 'The jump host refused to connect to the host');
