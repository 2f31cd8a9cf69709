// One SSH connection: opened, authenticated with one key, used for commands, closed.
import type { Client, ServerHostKeyAlgorithm } from 'ssh2';
import { leftMs } from '../clock.ts';
import type { Secret } from '../secret.ts';
import { assertBlocks, type Destination, destinationOf, type Resolve } from './dial.ts';
import { hostKeyFingerprint } from './host-keys.ts';
import type { HostRules } from './host-rules.ts';
import type { Host } from './hosts.ts';
import type { RemoteCommand } from './remote-edit.ts';
import { runCommand } from './ssh-command.ts';
import { noTimeLeft, OtherHostKey, refusal, tooLate } from './ssh-refusals.ts';
import { type Limits, Wire } from './ssh-wire.ts';

export interface Offer {
  /** PEM as `parsePrivateKey` writes it: ssh2 does not read PKCS#8. */
  readonly key: Secret;
  readonly algorithms: readonly ServerHostKeyAlgorithm[];
  /** `SHA256:...`; empty accepts any. */
  readonly fingerprints: ReadonlySet<string>;
}

export interface Connection {
  readonly hostKey: string;
  /** @throws {VendingError} DEADLINE_PASSED, HOST_UNREACHABLE, and what the command's `answer` throws */
  run<T>(command: RemoteCommand<T>): Promise<T>;
  /** How long a command that is sent now may take, in milliseconds. */
  leftMs(): number;
  close(): Promise<void>;
}

/** Where connections may lead. */
export interface Guard {
  readonly rules: HostRules;
  readonly resolve: Resolve;
}

/**
 * @param client a new one
 * @throws {OtherHostKey} when the host shows a key that is not in the offer; then it has seen nothing of ours
 * @throws {VendingError} DEADLINE_PASSED, HOST_FORBIDDEN, HOST_UNREACHABLE, LOGIN_REFUSED
 */
export async function connect(
  client: Client,
  host: Host,
  offer: Offer,
  limits: Limits,
  guard: Guard,
): Promise<Connection> {
  const left = () => leftMs(limits.clock, limits.until);
  if (left() <= 0) throw noTimeLeft();
  const to = await decided(host, guard, Math.min(left(), limits.connectMs));
  if (left() <= 0) throw noTimeLeft();
  const wire = new Wire(to, limits);
  // This listener stays: an error that still comes when all is over must not be thrown.
  client.on('error', (error) => wire.fail(refusal(error, wire.stage)));
  wire.socket.once('connect', () => wire.enter('greeting', limits.greetingMs));
  client.once('handshake', () => wire.enter('authenticating', limits.loginMs));
  const ready = new Promise<void>((resolve) => client.once('ready', resolve));
  let shown: Buffer | undefined;
  const accepts = (blob: Buffer): boolean => {
    if (wire.left() <= 0) wire.fail(noTimeLeft());
    if (shown) return shown.equals(blob); // long sessions exchange keys anew
    shown = blob;
    if (offer.fingerprints.size === 0 || offer.fingerprints.has(hostKeyFingerprint(blob))) return true;
    wire.fail(new OtherHostKey(blob));
    return false;
  };
  try {
    client.connect({
      sock: wire.socket,
      username: host.user,
      privateKey: offer.key.reveal(),
      authHandler: ['publickey'], // not even `none`, which ssh2 tries first by itself
      readyTimeout: 0, // the wire has timers
      algorithms: { serverHostKey: [...offer.algorithms] },
      hostVerifier: accepts,
    });
  } catch (error) {
    wire.fail(refusal(error as Error, wire.stage));
  }
  await Promise.race([ready, wire.over]);
  if (wire.closed || !shown) throw wire.failure ?? refusal(new Error('closed'), wire.stage);
  wire.enter('in');
  return {
    hostKey: hostKeyFingerprint(shown),
    run: (command) => runCommand(client, wire, command, limits),
    leftMs: () => wire.left(limits.commandMs),
    close: () => {
      client.end();
      return wire.close();
    },
  };
}

/** A look-up cannot be taken back; what it finds when nobody waits any more is dropped. */
async function decided(host: Host, { rules, resolve }: Guard, withinMs: number): Promise<Destination> {
  await assertBlocks();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate('connecting')), withinMs);
  });
  return Promise.race([destinationOf(host, rules, resolve), late]).finally(() => clearTimeout(timer));
}
