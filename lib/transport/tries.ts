// Trying a call again where that can help: how its failures are told, and how often and how far apart it is tried. For the services that
// keyvend itself stands on; the clouds' own calls are tried once.
import type { Deadline } from '../clock.ts';
import { plainWord } from './json.ts';
import { NoAnswer } from './wire.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Why a call came to nothing. Nothing in it can hold a body, a URL or a credential. */
export interface Failure {
  /** A code or a plain word. */
  readonly why: string;
  /** Whether the service itself refused, with a code of its own, and would do so again. */
  readonly refused: boolean;
  /** Whether one of the tries may have been carried out all the same. */
  readonly unsure: boolean;
  readonly upstreamCode?: string;
  readonly requestId?: string;
  readonly cause?: NoAnswer;
}
export type Outcome = { readonly fields: Fields } | { readonly failure: Failure };

/** The result of one try, and whether another may help. */
export type Tried = { readonly fields: Fields } | { readonly failure: Failure; readonly again: boolean };

export interface Caller<Input> {
  /**
   * Only for calls that may be carried out twice, or that a name, a token or a condition keeps from it.
   * @param signBefore no try is signed after this moment: what is signed can take effect for as long as the service takes signatures
   */
  call(action: string, input: Input, signBefore?: Deadline): Promise<Outcome>;
  /** Waits before try 1, 2, ... of anything else that is repeated, and not before the first one. */
  pause(tried: number): Promise<void>;
}

export interface Pausing {
  /** Waits between tries, in milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
  /** 0 to 1: the part of the longest pause to wait. Default `Math.random`: calls that failed together come back apart. */
  readonly jitter?: (() => number) | undefined;
}

export const TRIES = 3;

export function callerOf<Input>(
  once: (action: string, input: Input, signBefore: Deadline | undefined) => Promise<Tried>,
  { wait, jitter = Math.random }: Pausing,
): Caller<Input> {
  const pause = async (tried: number) => {
    if (tried > 0) await wait(Math.round(jitter() * 100 * 2 ** tried));
  };
  return {
    pause,
    async call(action, input, signBefore) {
      let unsure = false;
      for (let tried = 0; ; ) {
        await pause(tried);
        const result = await once(action, input, signBefore);
        if ('fields' in result) return result;
        unsure ||= result.failure.unsure;
        tried += 1;
        if (!result.again || tried === TRIES) return { failure: { ...result.failure, unsure } };
      }
    },
  };
}

/** What fails before there is a request, for a reason that another try would meet again. */
export const notSent = (why: string): Tried => ({ failure: { why, refused: false, unsure: false }, again: false });

/**
 * What a service said that is no success.
 * @param is `passing`: sent instead of carrying the request out, and does not last; `unclear`: says nothing about what was done
 */
export function said(
  upstreamCode: string | undefined,
  requestId: string | undefined,
  status: number,
  is: 'passing' | 'unclear' | 'refusal',
): Tried {
  const told = {
    why: upstreamCode ?? `HTTP ${status}`,
    ...(upstreamCode !== undefined && { upstreamCode }),
    ...(requestId !== undefined && { requestId }),
  };
  return {
    failure: { ...told, refused: is === 'refusal', unsure: is === 'unclear' },
    again: is !== 'refusal',
  };
}

/** @param cause what `Transport.send` threw */
export function noAnswer(cause: unknown): Tried {
  // What is no `NoAnswer` fails before there is a request: a header that cannot be one, such as a token with a line end.
  if (!(cause instanceof NoAnswer)) return notSent('no request');
  const why = plainWord(cause.networkCode) ?? cause.reason;
  const isOver = cause.reason === 'oversized' || cause.reason === 'deadline' || cause.reason === 'cancelled';
  return { failure: { why, refused: false, unsure: cause.sent, cause }, again: !isOver };
}
