// One SSH connection: opened, authenticated with one key, used for commands, closed.
import type { Client, ServerHostKeyAlgorithm } from 'ssh2';
import { leftMs } from '../clock.ts';
import type { Secret } from '../secret.ts';
import { hostKeyFingerprint } from './host-keys.ts';
import type { Host } from './hosts.ts';
import type { RemoteCommand } from './remote-edit.ts';
import { runCommand } from './ssh-command.ts';
import { noTimeLeft, OtherHostKey, refusal } from './ssh-refusals.ts';
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

/**
 * @param client a new one
 * @throws {OtherHostKey} when the host shows a key that is not in the offer; then it has seen nothing of ours
 * @throws {VendingError} DEADLINE_PASSED, HOST_UNREACHABLE, LOGIN_REFUSED
 */
export async function connect(client: Client, host: Host, offer: Offer, limits: Limits): Promise<Connection> {
  if (leftMs(limits.clock, limits.until) <= 0) throw noTimeLeft();
  const wire = new Wire(host, limits);
  // This listener stays: an error that still comes when all is over must not be thrown.
  client.on('error', (error) => wire.fail(refusal(error, wire.stage)));
  wire.socket.once('connect', () => wire.enter('greeting', limits.loginMs));
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
