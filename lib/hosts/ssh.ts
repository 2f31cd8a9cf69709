// Hosts over SSH, with the package ssh2: RFC 4253, 4252, 4254; RSA keys sign with SHA-2 (RFC 8332).
import { type Clock, systemClock } from '../clock.ts';
import { type Resolve, systemResolve } from './dial.ts';
import type { HostRules } from './host-rules.ts';
import type { Hosts, Session } from './hosts.ts';
import { readCommand, replaceCommand } from './remote-edit.ts';
import type { Connection } from './ssh-connection.ts';
import { open } from './ssh-login.ts';

export interface SshHostsOptions {
  /** What may be connected to. */
  readonly rules: HostRules;
  /** By default the system's resolver. */
  readonly resolve?: Resolve;
  readonly clock?: Clock;
  /** Name look-up, and TCP, milliseconds each; by a jump host as well. Default 5,000. */
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
    async login(host, key, login) {
      const { until, firstWordMs = Number.POSITIVE_INFINITY } = login;
      const connectMs = Math.min(base.connectMs, firstWordMs);
      const greetingMs = Math.min(base.greetingMs, firstWordMs);
      return session(await open(host, key, login, { ...base, until, connectMs, greetingMs }, guard));
    },
  };
}

const session = (connection: Connection): Session => ({
  hostKey: connection.hostKey,
  read: () => connection.run(readCommand),
  replace: (expected, text) => connection.run((leftMs) => replaceCommand(expected, text, leftMs)),
  close: () => connection.close(),
});
