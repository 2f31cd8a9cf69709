// Why a host ran something other than the command that was sent, or nothing: told apart by what it let on, because each has to be
// mended in another place. What it printed is looked at and never repeated.
import { VendingError } from '../errors.ts';

/** What is known of a command whose answer did not begin. */
export interface Unanswered {
  /** Of its output and of its errors; the end of each matters as well as the beginning. */
  readonly text: string;
  readonly complaint?: string | undefined;
  /** Its exit status; undefined where the host did not say. */
  readonly exit?: number | undefined;
  /** The server refused to run any command. */
  readonly refused?: boolean | undefined;
  /** Whether the key's own line forces a command; undefined where the host does not say. */
  readonly keyForces?: boolean | undefined;
}

/** sshd exits with this when there is an /etc/nologin, and lets in nobody but root (session.c, do_nologin). */
const CLOSED_FOR_NOW = 254;
/** POSIX.1-2024, Shell Command Language, 2.8.2: not executable, and not found. Here that is `sh`. */
const shellRefuses: readonly unknown[] = [126, 127];

/** Of programs that stand in for a login shell: nologin, git-shell, rssh, lshell, restricted shells; and of an expired password. */
const refusals = [
  /account is (?:currently )?(?:not available|disabled|restricted)/i,
  /^fatal: (?:unrecognized command|what do you think i am|interactive git shell)/im,
  /\brestricted\b|forbidden command|no shell access|does not (?:have|provide) (?:a )?shell/i,
  /password (?:has|is) expired|password change required/i,
];
/** A question, or a prompt, that nobody answered; or one for a terminal, which there is none of. */
const asks = /[?:>#$%] ?$|\/dev\/tty\b|\bnot a tty\b/;

export function notRun(seen: Unanswered): VendingError {
  const { text, complaint = '', exit, refused, keyForces } = seen;
  if (exit === CLOSED_FOR_NOW) return new VendingError('HOST_UNREACHABLE', 'The host lets nobody in for now');
  if (keyForces) return new VendingError('HOST_COMMAND_FORCED', "The key's line in authorized_keys forces a command");
  if (refused) return shell('The host runs no commands for this account');
  if (shellRefuses.includes(exit)) return shell('The login shell may not run sh, or does not find it');
  if (refusals.some((words) => words.test(text) || words.test(complaint))) return shell('The login shell refused');
  if (exit !== undefined && exit !== 0 && text === '' && complaint === '') return shell('The login shell runs nothing');
  if (exit !== undefined && (asks.test(text) || asks.test(complaint))) return shellAsks();
  if (keyForces === false) {
    return new VendingError('HOST_SERVER_FORCES', 'The host ran something else, and not because of the key');
  }
  return new VendingError('HOST_COMMAND_FORCED', 'The host ran something other than the command that was sent');
}

export const shellAsks = (): VendingError => shell('The login shell asked something');
/** Whether output that was cut off where it had to be, and not where it ended, has questions in it. */
export const asksFor = (text: string): boolean => /[?:>#$%]/.test(text.slice(-1_000));

const shell = (what: string): VendingError => new VendingError('HOST_SHELL_UNUSABLE', what);
