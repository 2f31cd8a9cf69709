// One signed RPC call to an Alibaba Cloud service, for ENS and ECS alike, over our transport.
// Source: "V3 request body and signature", api-doc of Alibaba Cloud OpenAPI.
import { randomBytes } from 'node:crypto';
import { type AlibabaCredentials, acs3Headers, canonicalQuery, type Parameters } from '../../alibaba/acs3.ts';
import { jsonObject } from '../../transport/json.ts';
import type { CallLimits, Transport, WireAnswer } from '../../transport/wire.ts';
import { answered, cloudTimeOf, type Operation, type Reply, refused, requestIdIn, unreadable } from '../outcome.ts';

export interface AlibabaOptions {
  readonly transport: Transport;
  /** Asked before every call: temporary credentials change. */
  readonly credentials: () => Promise<AlibabaCredentials>;
  /** `https://host[:port]`, instead of the service's own; for a local cloud or a VPC endpoint. */
  readonly endpoint?: string;
}

/**
 * @param parameters the action's, in wire case
 * @throws {VendingError} whatever came of it that is not a success
 */
export async function alibabaCall(
  options: AlibabaOptions,
  target: { readonly origin: string; readonly version: string; readonly operation: Operation },
  parameters: Parameters,
  call: CallLimits,
): Promise<Reply> {
  const { origin, version, operation } = target;
  const answer = await answered(operation, async () => {
    const credentials = await options.credentials();
    const query = canonicalQuery(parameters);
    const { host } = new URL(origin);
    const signed = { host, action: operation.action, version, query, credentials };
    const sign = (nowMs: number) => acs3Headers({ ...signed, nowMs, nonce: randomBytes(16).toString('hex') });
    return options.transport.send({ origin, path: `/?${query}`, body: Buffer.alloc(0), sign }, call);
  });
  return read(operation, answer);
}

/** Errors have a 4xx or 5xx status and a flat `Code`; a `Code` with status 200 is an error, too. */
function read(operation: Operation, answer: WireAnswer): Reply {
  const fields = jsonObject(answer.body);
  const key = fields?.PrivateKeyBody;
  const requestId = requestIdIn(fields?.RequestId, key);
  if (typeof fields?.Code === 'string') throw refused(operation, { code: fields.Code, requestId, key }, answer);
  if (fields === undefined || answer.status !== 200) {
    throw unreadable(operation, `HTTP ${answer.status}, ${answer.body.length} bytes`, requestId);
  }
  return { fields, key, ...(requestId === undefined ? {} : { requestId }), ...cloudTimeOf(answer) };
}
