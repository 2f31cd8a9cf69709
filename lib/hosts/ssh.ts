// Hosts over SSH, with the package ssh2: RFC 4253, 4252, 4254; RSA keys sign with SHA-2 (RFC 8332).
import { type Clock, systemClock } from '../clock.ts';
import { VendingError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import { parsePrivateKey } from '../ssh/private-key.ts';
import { type Resolve, systemResolve } from './dial.ts';
import { algorithmsOf, hostKeyFingerprint, hostKeyType, pinsOf } from './host-keys.ts';
import type { HostRules } from './host-rules.ts';
import type { Host, Hosts, LoginOptions, Session } from './hosts.ts';
import { readCommand, replaceCommand } from './remote-edit.ts';
import { type Connection, connect, type Guard } from './ssh-connection.ts';
import { limited, OtherHostKey, TakenBack } from './ssh-refusals.ts';
import type { Limits } from './ssh-wire.ts';

export interface SshHostsOptions {
  /** What may be connected to. */
  readonly rules: HostRules;
  /** By default the system's resolver. */
  readonly resolve?: Resolve;
  readonly clock?: Clock;
  /** Name look-up, and TCP, milliseconds each. Default 5,000. */
  readonly connectMs?: number;
  /** From there to the host's greeting and keys, which it sends by itself. Default 10,000. */
  readonly greetingMs?: number;
  /** From there to an accepted key; a host may look names up first. Default 20,000. */
  readonly loginMs?: number;
  /** One read or edit; the host waits up to 11 s for others' edits. Default 30,000. */
  readonly commandMs?: number;
  /** Default 1 MiB. */
  readonly maxAnswerBytes?: number;
}

/** Opens no connection and loads nothing until the first login. */
export function sshHosts(options: SshHostsOptions): Hosts {
  const defaults = { clock: systemClock, connectMs: 5_000, greetingMs: 10_000, loginMs: 20_000, commandMs: 30_000 };
  const guard = { resolve: systemResolve, ...options };
  const base = { maxAnswerBytes: 1024 * 1024, ...defaults, ...options };
  return {
    login: async (host, key, login) => session(await open(host, key, login, { ...base, until: login.until }, guard)),
  };
}

/**
 * A fingerprint does not tell the type of its key, and a host shows one key at a time: of the first type that it is asked for
 * and has. So a host that shows an unknown key is asked for its others before it counts as changed. One that takes a login back
 * is asked once more: that a line broke at that very moment twice is not to be believed.
 */
async function open(
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
  const isRsa = publicKey.startsWith('ssh-rsa ');
  const { Client } = (await import('ssh2')).default; // not at the top: most cold starts never log in anywhere
  const shown: Buffer[] = [];
  let takenBack = false;
  for (let asked = types; ; ) {
    try {
      return await connect(
        new Client(),
        host,
        { key, isRsa, algorithms: algorithmsOf(asked), fingerprints },
        limits,
        guard,
      );
    } catch (error) {
      if (error instanceof TakenBack) {
        if (takenBack) throw limited();
        takenBack = true;
        continue;
      }
      if (!(error instanceof OtherHostKey)) throw error;
      if (error.shown) shown.push(error.shown);
      const type = error.shown && hostKeyType(error.shown);
      asked = type ? asked.filter((other) => other !== type) : [];
      if (asked.length === 0) throw changed(shown);
    }
  }
}

function changed(shown: readonly Buffer[]): VendingError {
  const what =
    shown.length > 0 ? `It showed ${shown.map(hostKeyFingerprint).join(', ')}` : 'It has no key of their types';
  return new VendingError('HOST_KEY_CHANGED', `The host has none of the keys that are pinned for it. ${what}`);
}

const session = (connection: Connection): Session => ({
  hostKey: connection.hostKey,
  read: () => connection.run(readCommand),
  replace: (expected, text) => connection.run((leftMs) => replaceCommand(expected, text, leftMs)),
  close: () => connection.close(),
});
