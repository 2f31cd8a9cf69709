// One signed RPC call to an Alibaba Cloud service, for ENS and ECS alike: the official signing code (ACS3-HMAC-SHA256) and
// parameter flattening, over our transport. Source: "V3 request body and signature", api-doc of Alibaba Cloud OpenAPI.
import { randomBytes } from 'node:crypto';
import type { Secret } from '../secret.ts';
import {
  asObject,
  cloudTimeOf,
  jsonObject,
  type Operation,
  plainWord,
  type Reply,
  refused,
  unanswered,
  unreadable,
} from './outcome.ts';
import type { Call, Transport, WireAnswer } from './wire.ts';

export interface AlibabaCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: Secret;
  /** With temporary credentials (STS). */
  readonly securityToken?: Secret;
}

export interface AlibabaOptions {
  readonly transport: Transport;
  /** Asked before every call: temporary credentials change. */
  readonly credentials: () => Promise<AlibabaCredentials>;
  /** `https://host[:port]`, instead of the service's own; for a local cloud or a VPC endpoint. */
  readonly endpoint?: string;
}

const ALGORITHM = 'ACS3-HMAC-SHA256';

// Loaded on first use: the package brings moment, lodash and an XML parser along, and an idle provider should not pay.
const official = async () => (await import('@alicloud/openapi-core/dist/utils.js')).default.default;

/**
 * @param query the action's parameters in wire case; arrays and objects are flattened as the SDK does (`Tag.1.Key`)
 * @throws {VendingError} whatever came of it that is not a success
 */
export async function alibabaCall(
  options: AlibabaOptions,
  target: { readonly origin: string; readonly version: string; readonly operation: Operation },
  query: Readonly<Record<string, unknown>>,
  call: Call,
): Promise<Reply> {
  const { origin, version, operation } = target;
  const [util, credentials] = await Promise.all([official(), options.credentials()]);
  const parameters: Record<string, string> = util.query(query);
  const body = Buffer.alloc(0);
  const bodyHash = util.hash(body, ALGORITHM).toString('hex');

  const sign = (nowMs: number) => {
    const headers: Record<string, string> = {
      host: new URL(origin).host,
      accept: 'application/json',
      'accept-encoding': 'identity',
      'x-acs-action': operation.action,
      'x-acs-version': version,
      'x-acs-date': new Date(nowMs).toISOString().replace(/\.\d{3}Z$/, 'Z'),
      'x-acs-signature-nonce': randomBytes(16).toString('hex'),
      'x-acs-content-sha256': bodyHash,
    };
    if (credentials.securityToken !== undefined) {
      headers['x-acs-accesskey-id'] = credentials.accessKeyId;
      headers['x-acs-security-token'] = credentials.securityToken.reveal();
    }
    const signed = { method: 'POST', pathname: '/', query: parameters, headers } as never;
    const { accessKeyId, accessKeySecret } = credentials;
    headers.authorization = util.getAuthorization(signed, ALGORITHM, bodyHash, accessKeyId, accessKeySecret.reveal());
    return headers;
  };

  const answer = await options.transport
    .send({ origin, path: `/?${encoded(parameters)}`, body, sign }, call)
    .catch((cause: unknown) => Promise.reject(unanswered(operation, cause)));
  return read(operation, answer);
}

/** RFC 3986, stricter than encodeURIComponent: the signature is over this very spelling. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

const encoded = (parameters: Record<string, string>) =>
  Object.entries(parameters)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');

/** Errors have a 4xx or 5xx status and a flat `Code`; a `Code` under 200 is an error too. */
function read(operation: Operation, answer: WireAnswer): Reply {
  const fields = asObject(jsonObject(answer.body));
  const requestId = plainWord(fields?.RequestId);
  if (fields !== undefined && typeof fields.Code === 'string') {
    throw refused(operation, { code: fields.Code, requestId }, answer);
  }
  if (fields === undefined || answer.status !== 200) {
    throw unreadable(operation, `HTTP ${answer.status}, ${answer.body.length} bytes`, requestId);
  }
  return { fields, ...(requestId === undefined ? {} : { requestId }), ...cloudTimeOf(answer) };
}
