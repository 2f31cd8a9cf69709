// One SSH connection: opened, authenticated with one key, used for commands, closed.
import type { AuthHandlerMiddleware, Client, ServerHostKeyAlgorithm } from 'ssh2';
import { leftMs } from '../clock.ts';
import type { Secret } from '../secret.ts';
import { assertBlocks, type Destination, destinationOf, type Resolve } from './dial.ts';
import { hostKeyFingerprint } from './host-keys.ts';
import type { HostRules } from './host-rules.ts';
import type { Host } from './hosts.ts';
import { type MakeCommand, runCommand } from './ssh-command.ts';
import { Evidence } from './ssh-evidence.ts';
import { hungUp, noTimeLeft, OtherHostKey, refusal, tooLate } from './ssh-refusals.ts';
import { type Limits, Wire } from './ssh-wire.ts';

export interface Offer {
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
 * @throws {TakenBack}
 * @throws {VendingError} DEADLINE_PASSED, HOST_FORBIDDEN, HOST_UNREACHABLE, HOST_TAKES_NO_RSA, LOGIN_LIMITED, LOGIN_REFUSED
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
  const evidence = new Evidence(offer.isRsa);
  // This listener stays: an error that still comes when all is over must not be thrown.
  client.on('error', (error) => wire.fail(refusal(error, wire.stage, evidence)));
  wire.socket.once('connect', () => wire.enter('greeting', limits.greetingMs));
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
  try {
    client.connect({
      sock: wire.socket,
      username: host.user,
      authHandler: once(host.user, offer.key, evidence),
      debug: evidence.note,
      readyTimeout: 0, // the wire has timers
      algorithms: { serverHostKey: [...offer.algorithms] },
      hostVerifier: accepts,
    });
  } catch (error) {
    wire.fail(refusal(error as Error, wire.stage));
  }
  await Promise.race([ready.then(() => (evidence.mayTakeBack ? answers(client) : undefined)), wire.over]);
  if (wire.closed || !shown) throw wire.failure ?? hungUp(wire.stage, evidence);
  wire.enter('in');
  let last: Promise<unknown> | undefined;
  return {
    hostKey: hostKeyFingerprint(shown),
    run(make) {
      const first = last === undefined;
      const run = () => runCommand({ client, wire, evidence, limits }, make, first);
      const running = (last ?? Promise.resolve()).then(run, run);
      last = running;
      return running;
    },
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

/** Offers the key, once, and nothing else: not even `none`, which ssh2 tries first by itself. */
function once(username: string, key: Secret, evidence: Evidence): AuthHandlerMiddleware {
  let offered = false;
  // ssh2 has null for what the host did not say so far; its types do not.
  return (left: unknown, wantsMore, next) => {
    if (offered) evidence.exhausted(left !== null, wantsMore === true);
    const method = offered ? (false as never) : { type: 'publickey' as const, username, key: key.reveal() };
    offered = true;
    next(method);
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
