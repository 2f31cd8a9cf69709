// Alibaba's signature version 3 (ACS3-HMAC-SHA256), for calls whose parameters are in the query, in a form, or in both.
// Ours, because the official code for it brings moment, lodash, ws and an XML parser along; tests compare the two. Source: "V3
// request body and signature" (Alibaba Cloud OpenAPI), @alicloud/openapi-core `getAuthorization`.
import { createHmac } from 'node:crypto';
import type { Secret } from '../secret.ts';
import { sha256Hex } from '../sha256.ts';

export interface AlibabaCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: Secret;
  /** With temporary credentials (STS). */
  readonly securityToken?: Secret;
}

export interface Acs3Request {
  /** With its port, where that is not 443. */
  readonly host: string;
  readonly action: string;
  readonly version: string;
  /** As `canonicalQuery` spells it, and as it is sent. */
  readonly query: string;
  /** A form, spelled likewise; without one, and without `json`, the body is empty. */
  readonly form?: string;
  /** Of a service in the resource style, which has a path of its own; each segment encoded as it is sent. Default `/`. */
  readonly path?: string;
  /** The body of such a service. */
  readonly json?: string;
  readonly credentials: AlibabaCredentials;
  /** Wall-clock milliseconds; the service refuses what is 15 minutes old. */
  readonly nowMs: number;
  /** Never used twice. */
  readonly nonce: string;
}

const ALGORITHM = 'ACS3-HMAC-SHA256';

/** All headers of one POST to `<path>?<query>`. */
export function acs3Headers({ host, action, version, query, credentials, nowMs, nonce, ...sent }: Acs3Request) {
  const { form, json, path = '/' } = sent;
  const { accessKeyId, accessKeySecret, securityToken } = credentials;
  const digest = sha256Hex(form ?? json ?? '');
  const signed: Record<string, string> = {
    host,
    ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
    ...(json !== undefined && { 'content-type': 'application/json' }),
    'x-acs-action': action,
    'x-acs-content-sha256': digest,
    'x-acs-date': new Date(nowMs).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    'x-acs-signature-nonce': nonce,
    'x-acs-version': version,
    ...(securityToken && { 'x-acs-accesskey-id': accessKeyId, 'x-acs-security-token': securityToken.reveal() }),
  };
  const names = Object.keys(signed).sort();
  const headerLines = names.map((name) => `${name}:${signed[name]!.trim()}\n`).join('');
  const canonical = ['POST', path, query, headerLines, names.join(';'), digest].join('\n');
  const signature = createHmac('sha256', accessKeySecret.reveal()).update(`${ALGORITHM}\n${sha256Hex(canonical)}`);
  const authorization = [
    `${ALGORITHM} Credential=${accessKeyId}`,
    `SignedHeaders=${names.join(';')}`,
    `Signature=${signature.digest('hex')}`,
  ].join(',');
  return { ...signed, accept: 'application/json', 'accept-encoding': 'identity', authorization };
}

/** An action's parameters in wire case. Lists are numbered from 1 (`Tag.1.Key`), as the RPC style has it. */
export type Parameters = { readonly [name: string]: Parameter };
type Parameter = string | number | boolean | undefined | readonly Parameters[];

/** Sorted and encoded as they are signed. Undefined ones are left out. */
export const canonicalQuery = (parameters: Parameters): string =>
  flattened(parameters)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .join('&');

const flattened = (parameters: Parameters, prefix = ''): [name: string, value: string][] =>
  Object.entries(parameters).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (typeof value !== 'object') return [[`${prefix}${name}`, String(value)] as [string, string]];
    return value.flatMap((row, i) => flattened(row, `${prefix}${name}.${i + 1}.`));
  });

/** RFC 3986, stricter than encodeURIComponent: the signature is over this very spelling. */
const encoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
