// Asking for another function of this deployment, which works on what was just filed: at once, instead of when its timer next comes. Only a
// hint: where it fails, the timer finds what is there.
// Source: Function Compute OpenAPI 2023-03-30, InvokeFunction (resource style, ACS3).
import { randomBytes } from 'node:crypto';
import { acs3Headers } from '../../alibaba/acs3.ts';
import { credentialsFrom } from '../../alibaba/call-credentials.ts';
import { VendingError } from '../../errors.ts';
import { jsonObject, plainWord } from '../../transport/json.ts';
import { NoAnswer, type Transport } from '../../transport/wire.ts';
import { ALIBABA_BUS, BUS, EVENTS, ROTATION } from '../filing.ts';
import type { Call } from './received.ts';

/** The functions that work on queues, by the end of their names, and what each is told to do. */
export const workers = {
  worker: { job: 'work' },
  rotationworker: { job: 'rotate' },
  sender: { job: 'send' },
} as const;
export type WorkerName = keyof typeof workers;

export const workerOf = (queue: string): WorkerName =>
  queue === ROTATION ? 'rotationworker' : [EVENTS, BUS, ALIBABA_BUS].includes(queue) ? 'sender' : 'worker';

export interface InvokeOptions {
  readonly transport: Transport;
  /** In place of the service's own host. */
  readonly endpoint?: string | undefined;
  /** What functions' names begin with. */
  readonly prefix: string;
}

const VERSION = '2023-03-30';
/** Nobody is kept waiting for a hint. */
const TIMEOUT_MS = 2_000;

const credentials = credentialsFrom({}); // those of the call, and no others

/** @throws {VendingError} QUEUE_UNAVAILABLE where it was not asked, for a reason in plain words; CREDENTIALS_REFUSED without a role */
export async function invoke(
  { transport, endpoint, prefix }: InvokeOptions,
  { account, region }: Pick<Call, 'account' | 'region'>,
  name: WorkerName,
): Promise<void> {
  if (endpoint === undefined && (account === undefined || region === undefined))
    throw notAsked('the platform did not say whose function this is');
  const origin = endpoint ?? `https://${account}.${region}.fc.aliyuncs.com`;
  const path = `/${VERSION}/functions/${prefix}${name}/invocations`;
  const json = JSON.stringify(workers[name]);
  const signed = { host: new URL(origin).host, action: 'InvokeFunction', version: VERSION, query: '', path, json };
  const by = await credentials();
  const sign = (nowMs: number) => ({
    ...acs3Headers({ ...signed, credentials: by, nowMs, nonce: randomBytes(16).toString('hex') }),
    'x-fc-invocation-type': 'Async',
  });
  const answer = await transport
    .send({ origin, path, body: Buffer.from(json), sign }, { timeoutMs: TIMEOUT_MS })
    .catch((error: unknown) => {
      throw notAsked(error instanceof NoAnswer ? (plainWord(error.networkCode) ?? error.reason) : 'no request');
    });
  if (answer.status === 202) return;
  throw notAsked(plainWord(jsonObject(answer.body)?.Code) ?? `HTTP ${answer.status}`);
}

const notAsked = (why: string) =>
  new VendingError('QUEUE_UNAVAILABLE', `The function could not be asked to come (${why})`);
