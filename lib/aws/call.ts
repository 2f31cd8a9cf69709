// One call to an AWS service that speaks JSON, over our transport: signed by the official signer, tried again where that can
// help, and classed as an answer, a refusal or silence. The caller decides what those mean.
// Source: AWS General Reference, "Error retries and exponential backoff"; AWS JSON 1.0 and 1.1 protocols (smithy.io).
import { type Deadline, leftMs } from '../clock.ts';
import { asObject, jsonObject, plainWord } from '../transport/json.ts';
import { NoAnswer, type Transport, type WireAnswer } from '../transport/wire.ts';
import { type AwsService, originOf, type Signed, type SigningOptions, signer } from './signing.ts';

export interface AwsOptions extends SigningOptions {
  readonly transport: Transport;
  /** Waits between tries, in milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
  /** 0 to 1: the part of the longest pause to wait. Default `Math.random`: calls that failed together come back apart. */
  readonly jitter?: () => number;
  /** Opens a connection for the first call at once. A second one for calls side by side costs more than it saves, as measured. */
  readonly early?: true;
  /** For one try. Default 3000. */
  readonly timeoutMs?: number;
}

export type Fields = Readonly<Record<string, unknown>>;

/** Why a call came to nothing. Nothing in it can hold a body, a URL or a credential. */
export interface AwsFailure {
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
export type AwsOutcome = { readonly fields: Fields } | { readonly failure: AwsFailure };

export interface AwsCaller {
  /**
   * Only for calls that may be carried out twice, or that a token or a condition keeps from it.
   * @param signBefore no try is signed after this moment: what is signed can take effect for five minutes
   */
  call(action: string, input: object, signBefore?: Deadline): Promise<AwsOutcome>;
  /** Waits before try 1, 2, ... of anything else that is repeated, and not before the first one. */
  pause(tried: number): Promise<void>;
}

export const TRIES = 3;

/** These are sent instead of carrying the request out, and do not last. */
const passing = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'Throttling',
  'RequestLimitExceeded',
  'TooManyRequestsException',
  'ReplicatedWriteConflictException',
  'ExpiredTokenException', // credentials are asked for anew
]);

/** The result of one try, and whether another may help. */
type Tried = { readonly fields: Fields } | { readonly failure: AwsFailure; readonly again: boolean };

export function awsCaller(service: AwsService, options: AwsOptions): AwsCaller {
  const { transport, wait, jitter = Math.random, timeoutMs = 3_000 } = options;
  const sign = signer(service, options);
  if (options.early) transport.connectEarly?.({ origin: originOf(service, options) }, 1);

  const pause = async (tried: number) => {
    if (tried > 0) await wait(Math.round(jitter() * 100 * 2 ** tried));
  };

  async function once(action: string, body: Buffer, signBefore?: Deadline): Promise<Tried> {
    // One reading of the clock for both: if this process stops right here, the signature is as old as the check.
    const nowMs = options.clock.wallMs();
    if (signBefore !== undefined && leftMs(options.clock, signBefore) <= 0) {
      return { failure: { why: 'out of time', refused: false, unsure: false }, again: false };
    }
    let signed: Signed;
    try {
      signed = await sign(action, body, nowMs);
    } catch {
      // Without its cause: a credential source's error may quote the answer that it got.
      return { failure: { why: 'no credentials', refused: false, unsure: false }, again: false };
    }
    return transport
      .send({ origin: signed.origin, path: '/', body, sign: () => signed.headers }, { timeoutMs })
      .then(outcome, noAnswer);
  }

  return {
    pause,
    async call(action, input, signBefore) {
      const body = Buffer.from(JSON.stringify(input));
      let unsure = false;
      for (let tried = 0; ; ) {
        await pause(tried);
        const result = await once(action, body, signBefore);
        if ('fields' in result) return result;
        unsure ||= result.failure.unsure;
        tried += 1;
        if (!result.again || tried === TRIES) return { failure: { ...result.failure, unsure } };
      }
    },
  };
}

function outcome(answer: WireAnswer): Tried {
  const fields = jsonObject(answer.body);
  if (answer.status === 200 && fields !== undefined) return { fields };
  // "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"; the message may repeat values, so it is not read.
  const type = String(asObject(fields)?.__type ?? '');
  const upstreamCode = plainWord(type.split('#').at(-1));
  const requestId = plainWord(answer.headers['x-amzn-requestid']);
  const said = {
    why: upstreamCode ?? `HTTP ${answer.status}`,
    ...(upstreamCode === undefined ? {} : { upstreamCode }),
    ...(requestId === undefined ? {} : { requestId }),
  };
  if (upstreamCode !== undefined && passing.has(upstreamCode)) {
    return { failure: { ...said, refused: false, unsure: false }, again: true };
  }
  // Anything but a refusal of the service's own, a 200 with half a body included, says nothing about what was done.
  const unclear = answer.status === 200 || answer.status >= 500 || upstreamCode === undefined;
  return { failure: { ...said, refused: !unclear, unsure: unclear }, again: unclear };
}

function noAnswer(cause: unknown): Tried {
  // What is no `NoAnswer` fails before there is a request: a header that cannot be one, such as a token with a line end.
  if (!(cause instanceof NoAnswer))
    return { failure: { why: 'no request', refused: false, unsure: false }, again: false };
  const why = plainWord(cause.networkCode) ?? cause.reason;
  const failure = { why, refused: false, unsure: cause.sent, cause };
  return { failure, again: cause.reason !== 'oversized' };
}
