// Tencent Cloud's signature version 3 (TC3-HMAC-SHA256), for a POST of JSON to `/`. Ours, because the package that has the
// official code brings an HTTP client, a proxy agent and form data along for this one function; tests compare the two.
// Source: "Signature v3", Tencent Cloud API 3.0; tencentcloud-sdk-nodejs-common, `sign3`.
import { createHmac } from 'node:crypto';
import type { Secret } from '../../secret.ts';
import { sha256Hex } from '../../sha256.ts';

export interface TencentCredentials {
  readonly secretId: string;
  readonly secretKey: Secret;
  /** With temporary credentials (STS). */
  readonly token?: Secret;
}

export interface Tc3Request {
  /** Without its port. Its first label is the service: `cvm.tencentcloudapi.com`. */
  readonly hostname: string;
  /** As it is sent; `application/json` for what is signed here. */
  readonly contentType: string;
  /** The very bytes that are sent. */
  readonly body: Uint8Array;
  readonly credentials: Pick<TencentCredentials, 'secretId' | 'secretKey'>;
  /** Seconds since 1970-01-01T00:00Z; the service refuses what is 5 minutes old. */
  readonly timestamp: number;
}

const ALGORITHM = 'TC3-HMAC-SHA256';
const SIGNED_HEADERS = 'content-type;host';
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** The Authorization header. */
export function tc3Authorization({ hostname, contentType, body, credentials, timestamp }: Tc3Request): string {
  const service = hostname.split('.')[0]!;
  const date = new Date(timestamp * 1_000).toISOString().slice(0, 10);
  const scope = `${date}/${service}/tc3_request`;
  const headers = `content-type:${contentType}\nhost:${hostname}\n`;
  const canonical = ['POST', '/', '', headers, SIGNED_HEADERS, sha256Hex(body)].join('\n');
  const key = hmac(hmac(hmac(`TC3${credentials.secretKey.reveal()}`, date), service), 'tc3_request');
  const signature = hmac(key, [ALGORITHM, timestamp, scope, sha256Hex(canonical)].join('\n')).toString('hex');
  return `${ALGORITHM} Credential=${credentials.secretId}/${scope}, SignedHeaders=${SIGNED_HEADERS}, Signature=${signature}`;
}
