// A login on a host: where it may lead, by which way, and which of its keys the host shows.
import { leftMs } from '../clock.ts';
import { VendingError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import { parsePrivateKey } from '../ssh/private-key.ts';
import { assertBlocks, type Destination, destinationOf, type Resolve } from './dial.ts';
import { algorithmsOf, hostKeyFingerprint, hostKeyType, hostKeyTypes, pinsOf } from './host-keys.ts';
import type { HostRules } from './host-rules.ts';
import type { Host, JumpHost, LoginOptions } from './hosts.ts';
import { type Line, socketLine } from './line.ts';
import { type Connection, connect } from './ssh-connection.ts';
import { limited, noTimeLeft, nothingInCommon, OtherHostKey, TakenBack, tooLate } from './ssh-refusals.ts';
import { atJump } from './ssh-tunnel.ts';
import type { Limits } from './ssh-wire.ts';

/** Where connections may lead. */
export interface Guard {
  readonly rules: HostRules;
  readonly resolve: Resolve;
}

/**
 * A fingerprint does not tell the type of its key, and a host shows one key at a time: of the first type that it is asked for
 * and has. So a host that shows an unknown key is asked for its others before it counts as changed. One that takes a login back
 * is asked once more: that a line broke at that very moment twice is not to be believed.
 */
export async function open(
  host: Host,
  privateKey: Secret,
  login: LoginOptions,
  limits: Limits,
  guard: Guard,
): Promise<Connection> {
  const { fingerprints, types } = pinsOf(host.hostKeys);
  if (fingerprints.size === 0 && !login.acceptUnknown) {
    throw new VendingError('HOST_KEY_UNKNOWN', 'No key of the host is pinned');
  }
  const { privateKey: key, publicKey } = parsePrivateKey(privateKey);
  // Not at the top: most cold starts never log in anywhere.
  const { default: Client } = await import('ssh2/lib/client.js');
  const { default: parser } = await import('ssh2/lib/protocol/keyParser.js');
  const keys = login.jumpKeys ?? [privateKey];
  const shown: Buffer[] = [];
  let takenBack = false;
  for (let asked = types; ; ) {
    const line = await lineTo(host, keys, limits, guard);
    const isRsa = publicKey.startsWith('ssh-rsa ');
    const offer = { user: host.user, key, isRsa, algorithms: algorithmsOf(asked), fingerprints };
    try {
      return await connect({ client: new Client(), parseKey: parser.parseKey }, line, offer, limits);
    } catch (error) {
      if (error instanceof TakenBack) {
        if (takenBack) throw limited();
        takenBack = true;
        continue;
      }
      if (!(error instanceof OtherHostKey)) throw error;
      if (!error.shown && asked.length === hostKeyTypes.length) throw nothingInCommon('host key algorithm');
      if (error.shown) shown.push(error.shown);
      const type = error.shown && hostKeyType(error.shown);
      asked = type ? asked.filter((other) => other !== type) : [];
      if (asked.length === 0) throw changed(shown);
    }
  }
}

/** Where the host is has been decided on before its jump host is connected to, so nothing is sent on the way to a forbidden one. */
async function lineTo({ via, ...host }: Host, keys: readonly Secret[], limits: Limits, guard: Guard): Promise<Line> {
  const to = await decided(host, limits, guard);
  if (via === undefined) return socketLine(to);
  return (await loginOn(via, keys, limits, guard)).leadTo(to);
}

/** The keys are tried in turn, each in a login of its own: a host may count what it refuses. */
async function loginOn(via: JumpHost, keys: readonly Secret[], limits: Limits, guard: Guard): Promise<Connection> {
  for (const [at, key] of keys.entries()) {
    try {
      return await open(via, key, { until: limits.until }, limits, guard);
    } catch (error) {
      const isRefused = error instanceof VendingError && error.code === 'LOGIN_REFUSED';
      if (!isRefused || at === keys.length - 1) throw atJump(error);
    }
  }
  throw new TypeError('no key for the jump host');
}

/** A look-up cannot be taken back; what it finds when nobody waits any more is dropped. */
async function decided(host: Host, limits: Limits, { rules, resolve }: Guard): Promise<Destination> {
  const left = () => leftMs(limits.clock, limits.until);
  if (left() <= 0) throw noTimeLeft();
  await assertBlocks();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate('connecting')), Math.min(left(), limits.connectMs));
  });
  const to = await Promise.race([destinationOf(host, rules, resolve), late]).finally(() => clearTimeout(timer));
  if (left() <= 0) throw noTimeLeft();
  return to;
}

function changed(shown: readonly Buffer[]): VendingError {
  const what =
    shown.length > 0 ? `It showed ${shown.map(hostKeyFingerprint).join(', ')}` : 'It has no key of their types';
  return new VendingError('HOST_KEY_CHANGED', `The host has none of the keys that are pinned for it. ${what}`);
}
