// Requests signed by the official signers and sent as they are over node:http, for what the SDKs hide or do not send.
import { createHash, type KeyObject, randomUUID } from 'node:crypto';
import { type Agent, request } from 'node:http';
import { OpenApiUtil } from '@alicloud/openapi-core';
import Sign from 'tencentcloud-sdk-nodejs-common/tencentcloud/common/sign.js';
import { Secret } from '../../../lib/secret.ts';
import { privateKeyObject } from '../../../lib/ssh/private-key.ts';
import type { AlibabaCredentials, Clouds, TencentCredentials } from '../../../local/clouds/clouds.ts';

export type ServiceName = 'ens' | 'ecs' | 'cvm';
export type Fields = Record<string, unknown>;

/** A request as it goes on the wire. */
export interface Wire {
  readonly method: string;
  readonly target: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  /** The parsed body; for CVM, what is in `Response`. */
  readonly body: Record<string, never> & { [name: string]: unknown };
  /** The service's error code; empty for a success. */
  readonly code: string;
  readonly message: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const seconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
const versions = { ens: '2017-11-10', ecs: '2014-05-26', cvm: '2017-03-12' } as const;

export interface SigningOptions {
  readonly host?: string;
  readonly nowMs?: number;
  readonly region?: string;
}

/** ACS3, as @alicloud/openapi-core signs. */
export function acs3(
  service: 'ens' | 'ecs',
  action: string,
  query: Record<string, string>,
  { accessKeyId, accessKeySecret, securityToken }: AlibabaCredentials,
  { host = '127.0.0.1', nowMs = Date.now() }: SigningOptions = {},
): Wire {
  const headers: Record<string, string> = {
    host,
    'x-acs-action': action,
    'x-acs-version': versions[service],
    'x-acs-date': seconds(nowMs),
    'x-acs-signature-nonce': randomUUID(),
    'x-acs-content-sha256': sha256(''),
    ...(securityToken && { 'x-acs-accesskey-id': accessKeyId, 'x-acs-security-token': securityToken }),
  };
  const signed = { method: 'POST', pathname: '/', query, headers };
  const algorithm = 'ACS3-HMAC-SHA256';
  const authorization = OpenApiUtil.getAuthorization(
    signed as unknown as Signable,
    algorithm,
    sha256(''),
    accessKeyId,
    accessKeySecret,
  );
  return {
    method: 'POST',
    target: `/?${new URLSearchParams(query)}`,
    headers: { ...headers, authorization },
    body: '',
  };
}
type Signable = Parameters<typeof OpenApiUtil.getAuthorization>[0];

/** RPC v1, as @alicloud/rpc-client signs. */
export function rpcV1(
  service: 'ens' | 'ecs',
  action: string,
  parameters: Record<string, string>,
  { accessKeyId, accessKeySecret, securityToken }: AlibabaCredentials,
  { host = '127.0.0.1', nowMs = Date.now() }: SigningOptions = {},
): Wire {
  const all: Record<string, string> = {
    Action: action,
    Version: versions[service],
    Format: 'json',
    Timestamp: seconds(nowMs),
    SignatureNonce: randomUUID(),
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    AccessKeyId: accessKeyId,
    ...(securityToken && { SecurityToken: securityToken }),
    ...parameters,
  };
  const Signature = OpenApiUtil.getRPCSignature(all, 'GET', accessKeySecret);
  return { method: 'GET', target: `/?${new URLSearchParams({ ...all, Signature })}`, headers: { host }, body: '' };
}

/** TC3, as the Tencent SDK signs. */
export function tc3(
  action: string,
  parameters: Fields | string,
  { secretId, secretKey, token }: TencentCredentials,
  { host = '127.0.0.1', nowMs = Date.now(), region = 'ap-guangzhou' }: SigningOptions = {},
): Wire {
  const timestamp = Math.floor(nowMs / 1000);
  const body = typeof parameters === 'string' ? parameters : JSON.stringify(parameters);
  const authorization = Sign.default.sign3({
    method: 'POST',
    url: `http://${host}/`,
    payload: Buffer.from(body),
    timestamp,
    service: 'cvm',
    secretId,
    secretKey,
    multipart: false,
    boundary: '',
    headers: { 'Content-Type': 'application/json' },
  } as never);
  const headers = {
    host,
    'content-type': 'application/json',
    'x-tc-action': action,
    'x-tc-version': versions.cvm,
    'x-tc-timestamp': String(timestamp),
    ...(region && { 'x-tc-region': region }),
    ...(token && { 'x-tc-token': token }),
    authorization,
  };
  return { method: 'POST', target: '/', headers, body };
}

export function send(port: number, { method, target, headers, body }: Wire, agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      method,
      path: target,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    };
    const outgoing = request({ ...options, ...(agent && { agent }) }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('aborted', () => reject(new Error('the answer was cut short')));
      response.on('end', () =>
        resolve(read(response.statusCode ?? 0, response.headers, Buffer.concat(chunks).toString())),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function read(status: number, headers: Answer['headers'], text: string): Answer {
  let body: Record<string, never> = {};
  try {
    body = JSON.parse(text);
  } catch {
    // Some faults answer something else; the text says what.
  }
  const inner = (body.Response ?? body) as Answer['body'];
  const error = (inner.Error ?? (status >= 400 ? inner : {})) as { Code?: string; Message?: string };
  return { status, headers, text, body: inner, code: error.Code ?? '', message: error.Message ?? '' };
}

export interface CallOptions extends SigningOptions {
  readonly agent?: Agent;
  readonly alibaba?: AlibabaCredentials;
  readonly tencent?: TencentCredentials;
}

/** One call of any service, with the permanent credentials unless told otherwise. ECS goes to cn-hangzhou. */
export function call(
  clouds: Pick<Clouds, 'port' | 'credentials'>,
  service: ServiceName,
  action: string,
  parameters: Fields = {},
  { agent, alibaba, tencent, ...options }: CallOptions = {},
): Promise<Answer> {
  const signing = { host: `127.0.0.1:${clouds.port}`, ...options };
  if (service === 'cvm')
    return send(clouds.port, tc3(action, parameters, tencent ?? clouds.credentials.tencent, signing), agent);
  const query = Object.fromEntries(
    Object.entries({ ...(service === 'ecs' && { RegionId: 'cn-hangzhou' }), ...parameters })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  );
  return send(clouds.port, acs3(service, action, query, alibaba ?? clouds.credentials.alibaba, signing), agent);
}

/** A create with the least it needs. */
export const createCall = (service: ServiceName, name: string): Fields =>
  service === 'cvm' ? { KeyName: name, ProjectId: 0 } : { KeyPairName: name };

/** The private key in a create's answer. */
export const privateKeyOf = ({ body }: Answer): string =>
  String(body.PrivateKeyBody ?? (body.KeyPair as { PrivateKey?: string } | undefined)?.PrivateKey ?? '');

/** Any of the formats a service may send, as node:crypto holds it. */
export const keyObject = (text: string): KeyObject => privateKeyObject(new Secret(text));
