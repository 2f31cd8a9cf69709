// Who may use the queues: whoever signs as AWS's own programs do (Signature Version 4), with the key that is beside the token.
// Source: "Create a signed AWS API request", IAM user guide.
import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { hmac, sha256Hex } from '../clouds/signatures/canonical.ts';

export interface QueueKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A file as AWS's programs read it: AWS_SHARED_CREDENTIALS_FILE names it. */
export const credentialsFile = ({ accessKeyId, secretAccessKey }: QueueKey): string =>
  `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}`;

/** What such a file says. */
export function queueKeyIn(text: string): QueueKey {
  const fieldOf = (name: string) => new RegExp(`^${name} = (.+)$`, 'm').exec(text)?.[1] ?? '';
  return { accessKeyId: fieldOf('aws_access_key_id'), secretAccessKey: fieldOf('aws_secret_access_key') };
}

/** As long as AWS itself takes a signature. */
const WINDOW_MS = 5 * 60_000;
const form =
  /^AWS4-HMAC-SHA256 +Credential=([^/, ]+)\/((\d{8})\/([a-z0-9-]+)\/sqs\/aws4_request), *SignedHeaders=([a-z0-9;-]+), *Signature=([0-9a-f]{64})$/;
/** What says where a request goes, what it does and when; the rest may be signed and need not be. */
const always = ['content-type', 'host', 'x-amz-date', 'x-amz-target'];

/** Whether a `POST /` was signed with this key, for this very body, a moment ago. */
export function isSigned(headers: IncomingHttpHeaders, body: Buffer, key: QueueKey, nowMs: number): boolean {
  const [, keyId, scope = '', day, region, names = '', signature = ''] = form.exec(headers.authorization ?? '') ?? [];
  const date = String(headers['x-amz-date']);
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const [year = 0, month = 0, ...rest] = parts.map(Number);
  const fresh = Math.abs(nowMs - Date.UTC(year, month - 1, ...rest)) <= WINDOW_MS;
  const signed = names.split(';');
  if (keyId !== key.accessKeyId || !fresh || !date.startsWith(day!) || always.some((name) => !signed.includes(name)))
    return false;
  const lines = signed.map(
    (name) =>
      `${name}:${String(headers[name] ?? '')
        .replace(/ +/g, ' ')
        .trim()}\n`,
  );
  const canonical = ['POST', '/', '', lines.join(''), names, sha256Hex(body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256Hex(canonical)].join('\n');
  const signing = [region!, 'sqs', 'aws4_request'].reduce(
    (secret, word) => hmac('sha256', secret, word),
    hmac('sha256', `AWS4${key.secretAccessKey}`, day!),
  );
  return timingSafeEqual(hmac('sha256', signing, text), Buffer.from(signature, 'hex'));
}
