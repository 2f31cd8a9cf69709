// One request to OpenBao or Vault, over our transport: tried again where that can help, and classed as an answer or as silence. What an
// answer means is for the caller to say. Source: OpenBao API docs, "HTTP API" (status codes), `/sys/health`, "Eventual consistency".
import type { Clock, Deadline } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import type { Secret } from '../../secret.ts';
import { jsonObject, plainWord } from '../../transport/json.ts';
import { NoAnswer, type Transport, type WireAnswer } from '../../transport/wire.ts';

export interface KvServer {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Waits between tries, in milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
  /** 0 to 1: the part of the longest pause to wait. Default `Math.random`. */
  readonly jitter?: () => number;
  /** For one try. Default 5000. */
  readonly timeoutMs?: number;
  /** `https://host[:port]`. */
  readonly origin: string;
  readonly namespace?: string | undefined;
}

export interface KvRequest {
  /** For errors: what is done, as in "read a version". */
  readonly what: string;
  readonly method?: 'GET' | 'POST';
  /** Below `/v1/`, encoded. */
  readonly path: string;
  readonly body?: object;
  readonly token?: Secret;
  /** Whether it changes anything that is stored. Sent again it changes nothing more: it names the version that it replaces, or deletes by number. */
  readonly changes?: true;
  readonly signBefore?: Deadline | undefined;
}

export type Fields = Readonly<Record<string, unknown>>;
/** An answer that would be the same if the request were sent again. */
export interface KvAnswer {
  readonly status: number;
  readonly fields: Fields | undefined;
  /** Whether an earlier try of the same change may have been carried out. */
  readonly unsure: boolean;
}

export interface KvHttp {
  /** @throws {VendingError} STORE_UNAVAILABLE where no clear answer came */
  ask(request: KvRequest): Promise<KvAnswer>;
  pause(tried: number): Promise<void>;
}

const TRIES = 3;
/** Sent instead of carrying the request out: not yet as far as asked (412), rate limits (429), and a standby's or a secondary's own. */
const undone: ReadonlySet<number> = new Set([412, 429, 472, 473]);

type Tried = Omit<KvAnswer, 'unsure'> | { readonly failure: Failure; readonly again: boolean };
interface Failure {
  readonly why: string;
  readonly unsure: boolean;
  readonly requestId?: string | undefined;
  readonly cause?: NoAnswer;
}

export function kvHttp(server: KvServer): KvHttp {
  const { transport, wait, jitter = Math.random, timeoutMs = 5_000, origin, namespace } = server;
  /** How far the server was with our last write: without it, a standby may answer as if that had not been. */
  let index: string | undefined;
  const headersFor = (token: Secret | undefined) => ({
    'content-type': 'application/json',
    'x-vault-request': 'true',
    ...(token && { 'x-vault-token': token.reveal() }),
    ...(namespace && { 'x-vault-namespace': namespace }),
    ...(index && { 'x-vault-index': index, 'x-vault-inconsistent': 'forward-active-node' }),
  });
  const pause = async (tried: number) => {
    if (tried > 0) await wait(Math.round(jitter() * 100 * 2 ** Math.min(tried, 4)));
  };

  async function once({ method = 'POST', path, token, changes, signBefore }: KvRequest, body: Buffer): Promise<Tried> {
    const sign = () => headersFor(token);
    try {
      const call = { timeoutMs, ...(signBefore && { signBefore }) };
      const answer = await transport.send({ origin, path: `/v1/${path}`, method, body, sign }, call);
      const at = answer.headers['x-vault-index'];
      if (typeof at === 'string') index = at;
      return outcome(answer, changes === true);
    } catch (cause) {
      // What is no `NoAnswer` fails before there is a request: a header that cannot be one, such as a token with a line end.
      if (!(cause instanceof NoAnswer)) return { failure: { why: 'no request', unsure: false }, again: false };
      const why = plainWord(cause.networkCode) ?? cause.reason;
      const again = cause.reason !== 'oversized' && cause.reason !== 'deadline';
      return { failure: { why, unsure: cause.sent && changes === true, cause }, again };
    }
  }

  return {
    pause,
    async ask(request) {
      const body = Buffer.from(request.body === undefined ? '' : JSON.stringify(request.body));
      let unsure = false;
      for (let tried = 0; ; ) {
        await pause(tried);
        const result = await once(request, body);
        if ('status' in result) return { ...result, unsure };
        unsure ||= result.failure.unsure;
        tried += 1;
        if (!result.again || tried === TRIES) throw unavailable(request.what, { ...result.failure, unsure });
      }
    },
  };
}

function outcome({ status, headers, body }: WireAnswer, changes: boolean): Tried {
  const fields = jsonObject(body);
  const requestId = plainWord(fields?.request_id);
  const failed = (why: string, unsure: boolean, again = true): Tried => ({
    failure: { why, unsure: unsure && changes, requestId },
    again,
  });
  // A standby that does not forward. It is not followed: the token would go to a host that nobody has configured.
  if (status >= 300 && status < 400) return failed('another server is the active one', false, false);
  if (undone.has(status)) return failed(`HTTP ${status}`, false);
  // A sealed server answers 503, and so does what may be in front of it, after whatever was done behind it.
  if (status >= 500 || status < 200) return failed(`HTTP ${status}`, true);
  // All answers are JSON, or nothing; what is in front of the server may say something else.
  const isJson = fields !== undefined && /^application\/json\b/.test(headers['content-type'] ?? '');
  if (body.length > 0 && !isJson) return failed(`HTTP ${status}, not JSON`, true);
  return { status, fields };
}

const unavailable = (what: string, { why, unsure, requestId, cause }: Failure): VendingError =>
  new VendingError('STORE_UNAVAILABLE', `The secret store could not be asked (${what}: ${why})`, {
    effect: unsure ? 'unknown' : 'none',
    ...(requestId && { requestId }),
    ...(cause && { cause }),
  });

/** For an answer that lasts until somebody changes something. */
export const refused = (what: string, { status, fields, unsure }: KvAnswer, why = `HTTP ${status}`): VendingError => {
  const requestId = plainWord(fields?.request_id);
  const details = { upstreamCode: String(status), ...(requestId && { requestId }) };
  // Refused now, and yet an earlier try may have been carried out.
  if (unsure)
    return new VendingError('STORE_UNAVAILABLE', `The secret store could not be asked (${what}: ${why})`, {
      ...details,
      effect: 'unknown',
    });
  return new VendingError('STORE_REFUSED', `The secret store refused to ${what} (${why})`, details);
};
