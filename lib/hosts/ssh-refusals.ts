// What a failed login is called in keyvend. The words of ssh2 and of a host stop here: they may quote what was sent.
import { VendingError } from '../errors.ts';
import { forbidden } from './host-rules.ts';
import { unreachable } from './remote-edit.ts';

/** How far a login got. */
export type LoginStage = 'connecting' | 'greeting' | 'authenticating' | 'in';

/** The host has another key than a pinned one, or none of the asked-for families. */
export class OtherHostKey extends Error {
  /** Absent when it showed none. */
  readonly shown: Buffer | undefined;

  constructor(shown?: Buffer) {
    super('another host key');
    this.shown = shown;
  }
}

const late: Record<LoginStage, string> = {
  connecting: 'The host did not accept the connection in time',
  greeting: 'The host did not identify itself in time',
  authenticating: 'The host did not decide about the key in time',
  in: 'The host did not answer in time',
};

/** RFC 4253 section 11.1: OpenSSH sends the first for `Too many authentication failures`. */
const disconnectsForKeys: readonly unknown[] = [2, 14];

/** @param error ssh2's; `level` is its own, `code` a disconnect message's reason or Node's */
export function refusal(error: Error & { level?: string; code?: unknown }, stage: LoginStage): Error {
  const { level, code, message } = error;
  if (level === 'client-authentication') return refused();
  if (stage === 'authenticating' && disconnectsForKeys.includes(code)) return refused();
  if (level === 'handshake' && message.endsWith('no matching host key format')) return new OtherHostKey();
  if (code === 'ERR_IP_BLOCKED') return forbidden();
  const known = typeof code === 'string' && /^E[A-Z_]{2,20}$/.test(code) ? ` (${code})` : '';
  return unreachable(
    stage === 'connecting' ? `The host accepted no connection${known}` : `The connection broke${known}`,
  );
}

export const tooLate = (stage: LoginStage): VendingError => unreachable(late[stage]);
export const noTimeLeft = (): VendingError => new VendingError('DEADLINE_PASSED', 'No time was left for the host');
const refused = (): VendingError => new VendingError('LOGIN_REFUSED', 'The host refused the key');
