// The port: the machines whose authorized_keys a rotation edits. The protocol stops at the adapter.
import type { Deadline } from '../clock.ts';
import { VendingError } from '../errors.ts';
import type { Secret } from '../secret.ts';

/** One account on one machine that a key pair opens. */
export interface Host extends JumpHost {
  /** Where the machine is reached through another one: the account there. */
  readonly via?: JumpHost | undefined;
}

/** One account on one machine, and which machine that is. */
export interface JumpHost {
  /** A DNS name or an IP address. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /**
   * The machine's own keys, any of which it may show: fingerprints as `ssh-keygen -l` prints them (`SHA256:` and 43 base64
   * characters), or public lines as `ssh-keyscan` prints them without the host (`ssh-ed25519 AAAA...`).
   */
  readonly hostKeys: readonly string[];
}

export interface LoginOptions {
  /** Nothing is sent to the host after this moment. */
  readonly until: Deadline;
  /** Accepts any host key where none is pinned. Default false. */
  readonly acceptUnknown?: boolean;
  /**
   * The keys that may open the jump host's account, tried in turn. Default: the one that logs in on the host. What is accepted
   * unknown on the host never is on its jump host.
   */
  readonly jumpKeys?: readonly Secret[];
  /**
   * How long the host may take to be connected to, and then to show its key, milliseconds each; and so its jump host. Default, and at
   * most: the adapter's own patience. When it is over, that is a silence.
   */
  readonly firstWordMs?: number;
}

/** Nothing was heard of a host in the time that it had: not that it is there, nor that it is not. */
export class HostSilence extends VendingError {
  constructor(what: string) {
    super('HOST_UNREACHABLE', what);
  }
}

/** Whether it was the host that said nothing, or its jump host. */
export const isSilence = (error: unknown): boolean =>
  error instanceof HostSilence || (error instanceof VendingError && error.cause instanceof HostSilence);

/** authorized_keys as it was read. */
export interface KeyFile {
  /** Every byte of it as one character (latin1), so that what is not ours stays as it is; empty for no file. */
  readonly text: string;
  /** What a replacement is conditional on. */
  readonly digest: string;
}

/** A login that succeeded. */
export interface Session {
  /** The host key that was shown, `SHA256:...`. */
  readonly hostKey: string;
  /**
   * @throws {VendingError} HOST_COMMAND_FORCED, HOST_SERVER_FORCES, HOST_SHELL_UNUSABLE, HOST_SHELL_SILENT, HOST_SESSION_REFUSED,
   * HOST_TOOL_MISSING, HOST_FILE_UNUSABLE, HOST_UNREACHABLE, JUMP_UNREACHABLE, DEADLINE_PASSED
   */
  read(): Promise<KeyFile>;
  /**
   * Replaces the file in one remote command: lock, compare, write beside it with its owner and mode, rename, unlock.
   * @param expected the digest of what was read
   * @returns `changed` when the file is not that any more; then nothing was written
   * @throws {VendingError} as `read`; an edit whose answer was lost may have been done
   */
  replace(expected: string, text: string): Promise<'replaced' | 'changed'>;
  close(): Promise<void>;
}

export interface Hosts {
  /**
   * Logs in with a private key, as a person would.
   * @throws {HostSilence}
   * @throws {VendingError} HOST_FORBIDDEN; HOST_UNREACHABLE; HOST_KEY_CHANGED, HOST_KEY_UNKNOWN (before anything of ours is shown);
   * LOGIN_REFUSED, LOGIN_LIMITED, HOST_TAKES_NO_RSA, HOST_ALGORITHMS_DIFFER; JUMP_FORBIDDEN, JUMP_UNREACHABLE, JUMP_KEY_REFUSED,
   * JUMP_REFUSED, JUMP_ALGORITHMS_DIFFER, JUMP_NOT_FORWARDING where it goes through another host; DEADLINE_PASSED
   */
  login(host: Host, key: Secret, options: LoginOptions): Promise<Session>;
}
