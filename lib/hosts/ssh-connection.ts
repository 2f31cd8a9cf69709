// One SSH connection: opened, authenticated with one key, used for commands or as the way to another host, closed.
import type { Client, ServerHostKeyAlgorithm } from 'ssh2';
import { leftMs } from '../clock.ts';
import type { Secret } from '../secret.ts';
import type { Destination } from './dial.ts';
import { hostKeyFingerprint } from './host-keys.ts';
import type { Line } from './line.ts';
import { type Login, type MakeCommand, runCommand } from './ssh-command.ts';
import { Evidence } from './ssh-evidence.ts';
import { offers, type ParseKey } from './ssh-offer.ts';
import { hungUp, noTimeLeft, OtherHostKey, refusal } from './ssh-refusals.ts';
import { tunnel } from './ssh-tunnel.ts';
import { type Limits, Wire } from './ssh-wire.ts';

export interface Offer {
  readonly user: string;
  /** PEM as `parsePrivateKey` writes it: ssh2 does not read PKCS#8. */
  readonly key: Secret;
  readonly isRsa: boolean;
  readonly algorithms: readonly ServerHostKeyAlgorithm[];
  /** `SHA256:...`; empty accepts any. */
  readonly fingerprints: ReadonlySet<string>;
}

export interface Connection {
  readonly hostKey: string;
  /**
   * Commands run one after the other, each once the one before it has ended: servers limit how many a login may run at once.
   * @throws {VendingError} DEADLINE_PASSED, HOST_SESSION_REFUSED, HOST_SHELL_SILENT, HOST_UNREACHABLE, and what the command's
   * `answer` throws
   */
  run<T>(make: MakeCommand<T>): Promise<T>;
  /** Makes it the way to another host; it ends with that way. @throws {VendingError} as `tunnel` */
  leadTo(destination: Destination): Promise<Line>;
  close(): Promise<void>;
}

/** What is used of ssh2: a client that was not used before, and its parser of keys. */
export interface Ssh2 {
  readonly client: Client;
  readonly parseKey: ParseKey;
}

/**
 * @param line which ends with the connection, or at once where there is none
 * @throws {OtherHostKey} when the host shows a key that is not in the offer; then it has seen nothing of ours
 * @throws {TakenBack}
 * @throws {VendingError} DEADLINE_PASSED, HOST_FORBIDDEN, HOST_UNREACHABLE, HOST_ALGORITHMS_DIFFER, HOST_TAKES_NO_RSA, LOGIN_LIMITED,
 * LOGIN_REFUSED, and the line's own reasons
 */
export async function connect(ssh2: Ssh2, line: Line, offer: Offer, limits: Limits): Promise<Connection> {
  const { client } = ssh2;
  const wire = new Wire(line, limits);
  if (leftMs(limits.clock, limits.until) <= 0) wire.fail(noTimeLeft());
  const evidence = new Evidence(offer.isRsa);
  // This listener stays: an error that still comes when all is over must not be thrown.
  client.on('error', (error) => wire.fail(refusal(error, wire.stage, evidence)));
  client.once('handshake', () => wire.enter('authenticating', limits.loginMs));
  const ready = new Promise<void>((resolve) => client.once('ready', resolve)).then(() => evidence.letIn());
  let shown: Buffer | undefined;
  const accepts = (blob: Buffer): boolean => {
    if (wire.left() <= 0) wire.fail(noTimeLeft());
    if (shown) return shown.equals(blob); // long sessions exchange keys anew
    shown = blob;
    if (offer.fingerprints.size === 0 || offer.fingerprints.has(hostKeyFingerprint(blob))) return true;
    wire.fail(new OtherHostKey(blob));
    return false;
  };
  await Promise.race([line.connected, wire.over]);
  if (!wire.closed) {
    wire.enter('greeting', limits.greetingMs);
    try {
      client.connect({
        sock: line.stream,
        username: offer.user,
        authHandler: offers(offer, evidence, ssh2.parseKey),
        debug: evidence.note,
        readyTimeout: 0, // the wire has timers
        algorithms: { serverHostKey: [...offer.algorithms] },
        hostVerifier: accepts,
      });
    } catch (error) {
      wire.fail(refusal(error as Error, wire.stage));
    }
  }
  await Promise.race([ready.then(() => (evidence.mayTakeBack ? answers(client) : undefined)), wire.over]);
  if (wire.closed || !shown) {
    wire.line.cut();
    await wire.over; // a failure leaves nothing open
    throw wire.failure ?? hungUp(wire.stage, evidence);
  }
  wire.enter('in');
  const login: Login = { client, wire, evidence, limits };
  let last: Promise<unknown> | undefined;
  return {
    hostKey: hostKeyFingerprint(shown),
    run(make) {
      const first = last === undefined;
      const run = () => runCommand(login, make, first);
      const running = (last ?? Promise.resolve()).then(run, run);
      last = running;
      return running;
    },
    leadTo: (destination) => tunnel(login, destination),
    close: () => {
      client.end();
      return wire.close();
    },
  };
}

/**
 * Waits for any answer of a host that has let the key in, to a request that changes nothing: no such forwarding is there to end.
 * RFC 4254 section 4 has it answered.
 */
const answers = (client: Client) =>
  new Promise<void>((resolve) => {
    try {
      client.unforwardIn('127.0.0.1', 1, () => resolve());
    } catch {
      // It has hung up; that is seen on the wire.
    }
  });
