// One call to a service of Alibaba Cloud that keyvend itself stands on (KMS, EventBridge), over our transport: signed by ACS3, tried again
// where that can help, and classed as an answer, a refusal or silence. The caller decides what those mean.
// Source: "V3 request body and signature" and "Common error codes", Alibaba Cloud OpenAPI.
import { randomBytes } from 'node:crypto';
import { type Deadline, wait as pause } from '../clock.ts';
import { jsonObject, plainWord } from '../transport/json.ts';
import { NoAnswer, type Transport, type WireAnswer } from '../transport/wire.ts';
import { type AlibabaCredentials, acs3Headers, canonicalQuery, type Parameters } from './acs3.ts';

export interface AlibabaOptions {
  readonly transport: Transport;
  /** Asked before every try: temporary credentials change. */
  readonly credentials: () => Promise<AlibabaCredentials>;
  /** `https://host[:port]` */
  readonly origin: string;
  readonly version: string;
  /** For one try. Default 5000. */
  readonly timeoutMs?: number;
  /** Waits between tries, in milliseconds. */
  readonly wait?: (ms: number) => Promise<void>;
  /** 0 to 1: the part of the longest pause to wait. Default `Math.random`: calls that failed together come back apart. */
  readonly jitter?: () => number;
}

export type Fields = Readonly<Record<string, unknown>>;

/** Why a call came to nothing. Nothing in it can hold a body, a URL or a credential. */
export interface AlibabaFailure {
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
export type AlibabaOutcome = { readonly fields: Fields } | { readonly failure: AlibabaFailure };

/** Where an action's parameters are put: the URL, or a form in the body, which nobody logs. */
export interface Sent {
  readonly query?: Parameters;
  readonly form?: Parameters;
}

export interface AlibabaCaller {
  /**
   * Only for calls that may be carried out twice, or that a name or an id keeps from it.
   * @param signBefore no try is signed after this moment: what is signed can take effect for 15 minutes
   */
  call(action: string, sent: Sent, signBefore?: Deadline): Promise<AlibabaOutcome>;
  /** Waits before try 1, 2, ... of anything else that is repeated, and not before the first one. */
  pause(tried: number): Promise<void>;
}

const TRIES = 3;

/** These are sent instead of carrying the request out, and do not last. */
const passing = /^(?:Throttling|Rejected\.Throttling|ServiceUnavailable\.Throttling|TooManyRequests)(?:\.|$)/;
/** A request that got there twice: the first may have been carried out. And what the service could not finish. */
const unclearCodes =
  /^(?:SignatureNonceUsed|InternalError|InternalFailure|ServiceUnavailable|ServiceUnavailableTemporary|UnexpectedError)(?:\.|$)/;

type Tried = { readonly fields: Fields } | { readonly failure: AlibabaFailure; readonly again: boolean };

export function alibabaCaller({
  wait = pause,
  jitter = Math.random,
  timeoutMs = 5_000,
  ...to
}: AlibabaOptions): AlibabaCaller {
  const { host } = new URL(to.origin);
  const pauseBefore = async (tried: number) => {
    if (tried > 0) await wait(Math.round(jitter() * 100 * 2 ** tried));
  };

  async function once(action: string, sent: Sent, signBefore: Deadline | undefined): Promise<Tried> {
    const credentials = await to.credentials();
    const query = canonicalQuery(sent.query ?? {});
    const form = sent.form && canonicalQuery(sent.form);
    const signed = { host, action, version: to.version, query, credentials, ...(form !== undefined && { form }) };
    const sign = (nowMs: number) => acs3Headers({ ...signed, nowMs, nonce: randomBytes(16).toString('hex') });
    const path = query === '' ? '/' : `/?${query}`;
    return to.transport
      .send(
        { origin: to.origin, path, body: Buffer.from(form ?? ''), sign },
        { timeoutMs, ...(signBefore && { signBefore }) },
      )
      .then(outcome, noAnswer);
  }

  return {
    pause: pauseBefore,
    async call(action, sent, signBefore) {
      let unsure = false;
      for (let tried = 0; ; ) {
        await pauseBefore(tried);
        const result = await once(action, sent, signBefore);
        if ('fields' in result) return result;
        unsure ||= result.failure.unsure;
        tried += 1;
        if (!result.again || tried === TRIES) return { failure: { ...result.failure, unsure } };
      }
    },
  };
}

/**
 * Errors have a 4xx or 5xx status and a flat `Code`; a `Code` with status 200 is an error, too, but for the word of a service that has one
 * in every answer (EventBridge). The message may repeat values: it is not read.
 */
function outcome(answer: WireAnswer): Tried {
  const fields = jsonObject(answer.body);
  const upstreamCode = plainWord(fields?.Code);
  if (answer.status === 200 && fields !== undefined && saysDone(fields)) return { fields };
  const requestId = plainWord(fields?.RequestId);
  const said = {
    why: upstreamCode ?? `HTTP ${answer.status}`,
    ...(upstreamCode !== undefined && { upstreamCode }),
    ...(requestId !== undefined && { requestId }),
  };
  if (upstreamCode !== undefined && passing.test(upstreamCode))
    return { failure: { ...said, refused: false, unsure: false }, again: true };
  // Anything but a refusal of the service's own, a 200 with half a body included, says nothing about what was done.
  const unclear = upstreamCode === undefined || answer.status >= 500 || unclearCodes.test(upstreamCode);
  return { failure: { ...said, refused: !unclear, unsure: unclear }, again: unclear };
}

const saysDone = ({ Code, Success }: Fields): boolean =>
  Code === undefined || ((Code === '200' || Code === 'Success') && Success !== false);

function noAnswer(cause: unknown): Tried {
  if (!(cause instanceof NoAnswer))
    return { failure: { why: 'no request', refused: false, unsure: false }, again: false };
  const why = plainWord(cause.networkCode) ?? cause.reason;
  const isOver = cause.reason === 'oversized' || cause.reason === 'deadline' || cause.reason === 'cancelled';
  return { failure: { why, refused: false, unsure: cause.sent, cause }, again: !isOver };
}
