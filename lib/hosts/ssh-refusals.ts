// What a failed login is called in keyvend. The words of ssh2 and of a host stop here: they may quote what was sent.
import { VendingError } from '../errors.ts';
import { forbidden } from './host-rules.ts';
import { HostSilence } from './hosts.ts';
import { unreachable } from './remote-edit.ts';
import type { Evidence } from './ssh-evidence.ts';

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

/** The host said that it let the key in, and ended the connection before it answered anything. A broken line looks the same. */
export class TakenBack extends Error {
  constructor() {
    super('taken back');
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

/** RFC 4253 section 11.1: key exchange failed. A host that looks first says so before ssh2 does. */
const DISCONNECT_FOR_ALGORITHMS = 3;

/** What ssh2 says that host and client have nothing of in common, and what it is called here. */
const negotiated = /no matching (?:[CS]->[CS] )?(key exchange|cipher|MAC|compression)/;

/**
 * @param error ssh2's; `level` is its own, `code` a disconnect message's reason or Node's
 * @param evidence what the host let on about the key
 */
export function refusal(
  error: Error & { level?: string; code?: unknown },
  stage: LoginStage,
  evidence?: Evidence,
): Error {
  const { level, code, message } = error;
  if (level === 'client-authentication') return refused(evidence);
  if (stage === 'authenticating' && disconnectsForKeys.includes(code)) return refused(evidence);
  if (stage === 'authenticating' && evidence?.wasIn) return new TakenBack();
  if (level === 'handshake' && message.endsWith('no matching host key format')) return new OtherHostKey();
  const [, missing] = (level === 'handshake' && negotiated.exec(message)) || [];
  if (missing !== undefined) return nothingInCommon(missing);
  if (stage === 'greeting' && code === DISCONNECT_FOR_ALGORITHMS) return nothingInCommon('algorithm');
  if (code === 'ERR_IP_BLOCKED') return forbidden();
  const known = typeof code === 'string' && /^E[A-Z_]{2,20}$/.test(code) ? ` (${code})` : '';
  return unreachable(
    stage === 'connecting' ? `The host accepted no connection${known}` : `The connection broke${known}`,
  );
}

export const hungUp = (stage: LoginStage, evidence?: Evidence): Error => refusal(new Error('closed'), stage, evidence);
export const tooLate = (stage: LoginStage): VendingError =>
  stage === 'connecting' || stage === 'greeting' ? new HostSilence(late[stage]) : unreachable(late[stage]);
export const noTimeLeft = (): VendingError => new VendingError('DEADLINE_PASSED', 'No time was left for the host');

function refused(evidence?: Evidence): VendingError {
  if (evidence?.takesNoRsa) return new VendingError('HOST_TAKES_NO_RSA', 'The host takes no RSA keys');
  if (evidence?.knowsKey) return limited();
  return new VendingError('LOGIN_REFUSED', 'The host refused the key');
}

export const limited = (): VendingError =>
  new VendingError('LOGIN_LIMITED', 'The host knows the key and let nobody in with it');

/** @param what key exchange, cipher, ...; never a list of the host's */
export const nothingInCommon = (what: string): VendingError =>
  new VendingError('HOST_ALGORITHMS_DIFFER', `The host and keyvend have no ${what} in common`);
