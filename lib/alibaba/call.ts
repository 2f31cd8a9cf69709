// One call to a service of Alibaba Cloud that keyvend itself stands on (KMS, EventBridge), over our transport: signed by ACS3, tried again
// where that can help, and classed as an answer, a refusal or silence. The caller decides what those mean.
// Source: "V3 request body and signature" and "Common error codes", Alibaba Cloud OpenAPI.
import { randomBytes } from 'node:crypto';
import { type Deadline, wait as pause } from '../clock.ts';
import { jsonObject, plainWord } from '../transport/json.ts';
import {
  type Caller,
  callerOf,
  type Fields,
  noAnswer,
  notSent,
  type Pausing,
  said,
  type Tried,
} from '../transport/tries.ts';
import type { Transport, WireAnswer } from '../transport/wire.ts';
import { type AlibabaCredentials, acs3Headers, canonicalQuery, type Parameters } from './acs3.ts';

export interface AlibabaOptions extends Partial<Pausing> {
  readonly transport: Transport;
  /** Asked before every try: temporary credentials change. */
  readonly credentials: () => Promise<AlibabaCredentials>;
  /** `https://host[:port]` */
  readonly origin: string;
  readonly version: string;
  /** For one try. Default 5000. */
  readonly timeoutMs?: number;
}

/** Where an action's parameters are put: the URL, or a form in the body, which nobody logs. */
export interface Sent {
  readonly query?: Parameters;
  readonly form?: Parameters;
}

/** These are sent instead of carrying the request out, and do not last. */
const passing = /^(?:Throttling|Rejected\.Throttling|ServiceUnavailable\.Throttling|TooManyRequests)(?:\.|$)/;
/** A request that got there twice: the first may have been carried out. And what the service could not finish. */
const unclearCodes =
  /^(?:SignatureNonceUsed|InternalError|InternalFailure|ServiceUnavailable|ServiceUnavailableTemporary|UnexpectedError)(?:\.|$)/;

export function alibabaCaller({ wait = pause, jitter, timeoutMs = 5_000, ...to }: AlibabaOptions): Caller<Sent> {
  const { host } = new URL(to.origin);

  async function once(action: string, sent: Sent, signBefore: Deadline | undefined): Promise<Tried> {
    const credentials = await to.credentials().catch(() => undefined);
    if (credentials === undefined) return notSent('no credentials');
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

  return callerOf(once, { wait, jitter });
}

/**
 * Errors have a 4xx or 5xx status and a flat `Code`; a `Code` with status 200 is an error, too, but for the word of a service that has one
 * in every answer (EventBridge). The message may repeat values: it is not read.
 */
function outcome(answer: WireAnswer): Tried {
  const fields = jsonObject(answer.body);
  const upstreamCode = plainWord(fields?.Code);
  if (answer.status === 200 && fields !== undefined && saysDone(fields)) return { fields };
  const isPassing = upstreamCode !== undefined && passing.test(upstreamCode);
  // Anything but a refusal of the service's own, a 200 with half a body included, says nothing about what was done.
  const isUnclear = upstreamCode === undefined || answer.status >= 500 || unclearCodes.test(upstreamCode);
  const is = isPassing ? 'passing' : isUnclear ? 'unclear' : 'refusal';
  return said(upstreamCode, plainWord(fields?.RequestId), answer.status, is);
}

const saysDone = ({ Code, Success }: Fields): boolean =>
  Code === undefined || ((Code === '200' || Code === 'Success') && Success !== false);
