// One call to an AWS service that speaks JSON, over our transport: signed by the official signer, tried again where that can
// help, and classed as an answer, a refusal or silence. The caller decides what those mean.
// Source: AWS General Reference, "Error retries and exponential backoff"; AWS JSON 1.0 and 1.1 protocols (smithy.io).
import { type Deadline, leftMs } from '../clock.ts';
import { asObject, jsonObject, plainWord } from '../transport/json.ts';
import { type Caller, callerOf, noAnswer, notSent, type Pausing, said, type Tried } from '../transport/tries.ts';
import type { Transport, WireAnswer } from '../transport/wire.ts';
import { type AwsService, originOf, type Signed, type SigningOptions, signer } from './signing.ts';

export interface AwsOptions extends SigningOptions, Pausing {
  readonly transport: Transport;
  /** Opens a connection for the first call at once. A second one for calls side by side costs more than it saves, as measured. */
  readonly early?: true;
  /** For one try. Default 3000. */
  readonly timeoutMs?: number;
}

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

export function awsCaller(service: AwsService, options: AwsOptions): Caller<object> {
  const { transport, timeoutMs = 3_000 } = options;
  const sign = signer(service, options);
  if (options.early) transport.connectEarly?.({ origin: originOf(service, options) }, 1);

  async function once(action: string, input: object, signBefore?: Deadline): Promise<Tried> {
    const body = Buffer.from(JSON.stringify(input));
    // One reading of the clock for both: if this process stops right here, the signature is as old as the check.
    const nowMs = options.clock.wallMs();
    if (signBefore !== undefined && leftMs(options.clock, signBefore) <= 0) return notSent('out of time');
    let signed: Signed;
    try {
      signed = await sign(action, body, nowMs);
    } catch {
      // Without its cause: a credential source's error may quote the answer that it got.
      return notSent('no credentials');
    }
    return transport
      .send({ origin: signed.origin, path: '/', body, sign: () => signed.headers }, { timeoutMs })
      .then(outcome, noAnswer);
  }

  return callerOf(once, options);
}

function outcome(answer: WireAnswer): Tried {
  const fields = jsonObject(answer.body);
  if (answer.status === 200 && fields !== undefined) return { fields };
  // "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"; the message may repeat values, so it is not read.
  const type = String(asObject(fields)?.__type ?? '');
  const upstreamCode = plainWord(type.split('#').at(-1));
  const requestId = plainWord(answer.headers['x-amzn-requestid']);
  const isPassing = upstreamCode !== undefined && passing.has(upstreamCode);
  // Anything but a refusal of the service's own, a 200 with half a body included, says nothing about what was done.
  const isUnclear = answer.status === 200 || answer.status >= 500 || upstreamCode === undefined;
  return said(upstreamCode, requestId, answer.status, isPassing ? 'passing' : isUnclear ? 'unclear' : 'refusal');
}
