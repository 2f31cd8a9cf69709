// One signed call to a Tencent Cloud API 3.0 service, over our transport.
// Source: "Common parameters" and "Error codes", Tencent Cloud API 3.0.
import { asObject, jsonObject } from '../../transport/json.ts';
import type { CallLimits, Transport, WireAnswer } from '../../transport/wire.ts';
import { answered, cloudTimeOf, type Operation, type Reply, refused, requestIdIn, unreadable } from '../outcome.ts';
import { type TencentCredentials, tc3Authorization } from './tc3.ts';

export interface TencentOptions {
  readonly transport: Transport;
  /** Asked before every call: temporary credentials change. */
  readonly credentials: () => Promise<TencentCredentials>;
  /** `https://host[:port]`, instead of CVM's own; for a local cloud or a regional host. */
  readonly endpoint?: string;
}

/** Tencent's gateways keep a connection that is idle for 60 s. */
export const MAX_IDLE_MS = 30_000;

/**
 * @param input the action's parameters; undefined ones are left out
 * @throws {VendingError} whatever came of it that is not a success
 */
export async function tencentCall(
  options: TencentOptions,
  target: { readonly origin: string; readonly version: string; readonly operation: Operation; readonly region: string },
  input: object,
  call: CallLimits,
): Promise<Reply> {
  const { origin, version, operation, region } = target;
  const answer = await answered(operation, async () => {
    const credentials = await options.credentials();
    const body = Buffer.from(JSON.stringify(input));
    const { host, hostname } = new URL(origin);
    const contentType = 'application/json';

    const sign = (nowMs: number) => {
      const timestamp = Math.floor(nowMs / 1_000);
      const headers: Record<string, string> = {
        Host: host,
        'Content-Type': contentType,
        'Accept-Encoding': 'identity',
        'X-TC-Action': operation.action,
        'X-TC-Version': version,
        'X-TC-Timestamp': String(timestamp),
        'X-TC-Region': region,
        ...(credentials.token === undefined ? {} : { 'X-TC-Token': credentials.token.reveal() }),
      };
      headers.Authorization = tc3Authorization({ hostname, contentType, body, credentials, timestamp });
      return headers;
    };
    return options.transport.send({ origin, path: '/', body, sign, maxIdleMs: MAX_IDLE_MS }, call);
  });
  return read(operation, answer);
}

/** Errors come with HTTP 200, as `Response.Error`. */
function read(operation: Operation, answer: WireAnswer): Reply {
  const fields = asObject(jsonObject(answer.body)?.Response);
  const error = asObject(fields?.Error);
  const key = asObject(fields?.KeyPair)?.PrivateKey;
  const requestId = requestIdIn(fields?.RequestId, key);
  if (typeof error?.Code === 'string') throw refused(operation, { code: error.Code, requestId, key }, answer);
  if (fields === undefined || fields.Error !== undefined || answer.status !== 200) {
    throw unreadable(operation, `HTTP ${answer.status}, ${answer.body.length} bytes`, requestId);
  }
  return { fields, key, ...(requestId === undefined ? {} : { requestId }), ...cloudTimeOf(answer) };
}
