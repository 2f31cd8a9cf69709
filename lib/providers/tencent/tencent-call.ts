// One signed call to a Tencent Cloud API 3.0 service: the official signing code (TC3-HMAC-SHA256) over our transport.
// Source: "Signature v3" and "Error codes", Tencent Cloud API 3.0.
import official from 'tencentcloud-sdk-nodejs-common/tencentcloud/common/sign.js';
import type { Secret } from '../../secret.ts';
import { asObject, jsonObject, plainWord } from '../../transport/json.ts';
import type { CallLimits, Transport, WireAnswer } from '../../transport/wire.ts';
import { cloudTimeOf, type Operation, type Reply, refused, unanswered, unreadable } from '../outcome.ts';

export interface TencentCredentials {
  readonly secretId: string;
  readonly secretKey: Secret;
  /** With temporary credentials (STS). */
  readonly token?: Secret;
}

export interface TencentOptions {
  readonly transport: Transport;
  /** Asked before every call: temporary credentials change. */
  readonly credentials: () => Promise<TencentCredentials>;
  /** `https://host[:port]`, instead of `https://cvm.tencentcloudapi.com`; for a local cloud or a regional host. */
  readonly endpoint?: string;
}

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
  const credentials = await options.credentials();
  const body = Buffer.from(JSON.stringify(input));
  const { host, hostname } = new URL(origin);

  const sign = (nowMs: number) => {
    const timestamp = Math.floor(nowMs / 1_000);
    const headers: Record<string, string> = {
      Host: host,
      'Content-Type': 'application/json',
      'Accept-Encoding': 'identity',
      'X-TC-Action': operation.action,
      'X-TC-Version': version,
      'X-TC-Timestamp': String(timestamp),
      'X-TC-Region': region,
      ...(credentials.token === undefined ? {} : { 'X-TC-Token': credentials.token.reveal() }),
    };
    headers.Authorization = official.default.sign3({
      method: 'POST',
      url: `${origin}/`,
      payload: body, // the bytes that are sent: hash and wire cannot differ
      timestamp,
      service: hostname.split('.')[0] ?? '',
      secretId: credentials.secretId,
      secretKey: credentials.secretKey.reveal(),
      multipart: false,
      boundary: '',
      headers,
    });
    return headers;
  };

  const answer = await options.transport
    .send({ origin, path: '/', body, sign }, call)
    .catch((cause: unknown) => Promise.reject(unanswered(operation, cause)));
  return read(operation, answer);
}

/** Errors ride on HTTP 200 as `Response.Error`. */
function read(operation: Operation, answer: WireAnswer): Reply {
  const fields = asObject(jsonObject(answer.body)?.Response);
  const error = asObject(fields?.Error);
  const requestId = plainWord(fields?.RequestId);
  if (typeof error?.Code === 'string') throw refused(operation, { code: error.Code, requestId }, answer);
  if (fields === undefined || fields.Error !== undefined || answer.status !== 200) {
    throw unreadable(operation, `HTTP ${answer.status}, ${answer.body.length} bytes`, requestId);
  }
  return { fields, ...(requestId === undefined ? {} : { requestId }), ...cloudTimeOf(answer) };
}
