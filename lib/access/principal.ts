// Who asks: whoever a verified token, the gateway or a queue says that it is.
import type { Claims } from './claims.ts';

export type Principal = TokenHolder | AwsCaller | QueueSender | Anyone;

/** Whoever asks what needs no right. */
interface Anyone extends Known {
  readonly kind: 'anyone';
}
export const anyone: Anyone = { kind: 'anyone', id: 'anyone' };

interface Known {
  /**
   * What the ledger stores of it, and what idempotency keys are scoped to: issuer and subject of a token, since a subject is unique
   * within its issuer only.
   */
  readonly id: string;
}

/** By a verified token. */
export interface TokenHolder extends Known {
  readonly kind: 'token';
  /** The issuer's name in the configuration. */
  readonly issuer: string;
  /** All that the token says, verified. */
  readonly claims: Claims;
}

/** By the signature of a request to the gateway, as the gateway says. */
export interface AwsCaller extends Known {
  readonly kind: 'aws';
  readonly account: string;
  /** The name of the role or of the user, without its path; never a session's, which its holder chooses. */
  readonly role?: string;
  readonly user?: string;
}

/** By what the queue says of who sent a message. */
export interface QueueSender extends Known {
  readonly kind: 'queue';
  readonly queue: string;
  /** The unique id of a user or a role, without the session. */
  readonly sender: string;
}

/**
 * From an ARN that the gateway shows: `arn:aws:sts::1:assumed-role/<role>/<session>` has no path, `arn:aws:iam::1:user/<path>/<user>` has.
 * @returns undefined for whatever is neither, such as an account's root or a federated user
 */
export function awsCaller(arn: string): AwsCaller | undefined {
  const [, account = '', kind, name = ''] =
    /^arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):(user|assumed-role)\/([\w+=,.@/-]{1,600})$/.exec(arn) ?? [];
  const words = name.split('/');
  if (kind === 'user') return { kind: 'aws', id: `aws ${account} user ${words.at(-1)}`, account, user: words.at(-1)! };
  if (kind !== 'assumed-role' || words.length !== 2) return undefined;
  return { kind: 'aws', id: `aws ${account} role ${words[0]}`, account, role: words[0]! };
}

/** @param senderId as SQS shows it: `AIDA...` of a user, `AROA...:<session>` of a role */
export const queueSender = (queue: string, senderId: string | undefined): QueueSender => {
  const sender = /^[\w+=,.@-]{1,128}/.exec(senderId ?? '')?.[0] ?? 'unknown';
  return { kind: 'queue', id: `queue ${sender}`, queue, sender };
};
