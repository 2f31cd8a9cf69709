// One call: with a token, and again where the API says that this helps. Every call of this API may be sent again: those that change
// something are idempotent, or carry an Idempotency-Key that stays the same from try to try.
import { failureOf, KeyvendError } from './failure.ts';

export interface ClientOptions {
  /** Where the API is: `https://keyvend.example.com`, or with the base path that is in front of `/v1`. */
  readonly url: string;
  /** A bearer token; asked for before every try, so that one that was renewed counts. */
  readonly token: () => string | Promise<string>;
  readonly fetch?: typeof globalThis.fetch;
  /** @param signal ends the waiting early, by a rejection */
  readonly wait?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Of one call, the first included. Default 4. */
  readonly mostTries?: number;
  /** Beyond this a call is not sent again by itself. Default 30,000. */
  readonly longestWaitMs?: number;
}

export interface Call {
  readonly method: string;
  /** Below the API's address, each part percent-encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Answers that pass by themselves; of the rest of 4xx nothing changes by sending it again. */
const passes: ReadonlySet<number> = new Set([0, 429, 502, 503, 504]);
const FIRST_WAIT_MS = 500;

export const sender =
  (options: ClientOptions) =>
  async (call: Call): Promise<Answer> => {
    const { mostTries = 4, longestWaitMs = 30_000, wait = waited } = options;
    for (let tries = 1; ; tries += 1) {
      const answer = await once(options, call);
      if (!(answer instanceof KeyvendError)) return answer;
      const waitMs = answer.retryAfterMs ?? FIRST_WAIT_MS * 2 ** (tries - 1);
      if (!mayPass(answer) || tries >= mostTries || waitMs > longestWaitMs) throw answer;
      await wait(waitMs, call.signal);
    }
  };

/** A 409 passes only where the API says how long that takes. */
const mayPass = ({ status, code, retryAfterMs }: KeyvendError): boolean =>
  passes.has(status) ? status !== 502 || code.startsWith('HTTP_') : status === 409 && retryAfterMs !== undefined;

async function once(
  { url, token, fetch = globalThis.fetch }: ClientOptions,
  call: Call,
): Promise<Answer | KeyvendError> {
  const { method, path, query = {}, body, idempotencyKey, signal } = call;
  const target = new URL(`${url.replace(/\/+$/, '')}${path}`);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) target.searchParams.set(name, String(value));
  const headers = {
    accept: 'application/json',
    authorization: `Bearer ${await token()}`,
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
  };
  try {
    const answer = await fetch(target, {
      ...{ method, headers, credentials: 'omit', redirect: 'error', cache: 'no-store' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    if (!answer.ok) return await failureOf(answer);
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  } catch (cause) {
    if (signal?.aborted) throw cause;
    return new KeyvendError(0, 'UNREACHABLE', 'There was no answer; the same call may be sent again', { cause });
  }
}

export const waited = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const ended = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', ended);
      resolve();
    }, ms);
    if (signal?.aborted) ended();
    else signal?.addEventListener('abort', ended, { once: true });
  });
