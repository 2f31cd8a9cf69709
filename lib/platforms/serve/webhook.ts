// Events to a webhook: CloudEvents in structured mode, signed as Standard Webhooks has it. Each is tried until it is taken, for three days;
// those of one key pair arrive in their order. Source: github.com/standard-webhooks/standard-webhooks, "Specification";
// CloudEvents HTTP Protocol Binding 1.0.2, section 3.2.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Clock } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import { NoAnswer, type Transport } from '../../transport/wire.ts';
import { LONGEST_PAUSE_MS, sending } from './sending.ts';

export interface Webhook {
  readonly url: string;
  /** A secret a line, the newest first: while a receiver changes to another one, events are signed with both. */
  readonly secrets: () => readonly Buffer[];
}

interface WebhookOptions extends Webhook {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Told of each try that failed. */
  failed(error: unknown): void;
}

const TIMEOUT_MS = 15_000;
/** What a worker has for one event. */
export const SEND_MS = TIMEOUT_MS + 5_000;

/** @returns what sends one event of the inbox, and says to the inbox how it went */
export function sendingTo({ url, secrets, transport, clock, failed }: WebhookOptions) {
  const { origin, pathname, search } = new URL(url);

  /** @throws {VendingError} QUEUE_UNAVAILABLE, with what the receiver asked to wait */
  async function post(id: string, body: Buffer): Promise<void> {
    const sign = (nowMs: number) => ({
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'user-agent': 'keyvend',
      ...signatureOf(secrets(), id, Math.floor(nowMs / 1_000), body),
    });
    const request = { origin, path: `${pathname}${search}`, body, sign };
    const answer = await transport.send(request, { timeoutMs: TIMEOUT_MS }).catch((error: unknown) => {
      throw error instanceof NoAnswer ? notTaken(error.message) : error;
    });
    if (answer.status >= 200 && answer.status < 300) return;
    const seconds = Number(answer.headers['retry-after']);
    throw notTaken(`HTTP ${answer.status}`, seconds > 0 ? Math.min(LONGEST_PAUSE_MS, seconds * 1_000) : undefined);
  }

  return sending(({ id, body }) => post(id, Buffer.from(body)), { clock, failed });
}

const notTaken = (why: string, retryAfterMs?: number) =>
  new VendingError('QUEUE_UNAVAILABLE', `The webhook did not take the event (${why})`, {
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });

/** @param id of the message: a repeated event has the same, and that is how a receiver tells */
function signatureOf(
  secrets: readonly Buffer[],
  id: string,
  seconds: number,
  body: Buffer,
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const signed = secrets.map((secret) =>
    createHmac('sha256', secret).update(`${id}.${seconds}.`).update(body).digest('base64'),
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signed.map((signature) => `v1,${signature}`).join(' '),
  };
}

/** @throws {TypeError} for a file that holds no such secret */
export const webhookSecrets = (file: string): readonly Buffer[] =>
  secretsIn(readFileSync(file, 'utf8'), 'KEYVEND_WEBHOOK_SECRET_FILE');

/** @param variable where they are from @throws {TypeError} for a text that holds no such secret */
export function secretsIn(text: string, variable: string): readonly Buffer[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const secrets = lines.map((line) =>
    Buffer.from(/^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(line.trim())?.[1] ?? '', 'base64'),
  );
  if (secrets.length > 0 && secrets.every(({ length }) => length >= 24 && length <= 64)) return secrets;
  throw new TypeError(`${variable} holds no secret: whsec_ and 24 to 64 bytes in base64, one a line`);
}
