// Turns what came back, or did not, into the one coded error that says what it means.
import type { IncomingHttpHeaders } from 'node:http';
import { VendingError } from '../errors.ts';
import type { ProviderName } from '../provider-table.ts';
import { plainWord } from '../transport/json.ts';
import { NoAnswer, type WireAnswer } from '../transport/wire.ts';
import { repeatsKey } from './key-echo.ts';
import { meaningOf, type Refusals } from './refusals.ts';

/** One upstream action. `changes` marks those whose unknown outcome must be settled. */
export interface Operation {
  readonly service: ProviderName | 'sts' | 'region';
  /** What the service's error codes mean. */
  readonly refusals: Refusals;
  readonly action: string;
  readonly changes: boolean;
}

/** An upstream's own refusal: its code as its envelope spelled it. */
export interface Refusal {
  readonly code: string;
  readonly requestId: string | undefined;
  readonly key: unknown;
}

/** A successful answer's fields, still unchecked. */
export interface Reply {
  readonly fields: Readonly<Record<string, unknown>>;
  /** The field in which a private key would come. What is told of the answer must not repeat it. */
  readonly key: unknown;
  readonly requestId?: string;
  readonly cloudTime?: Date;
}

/** Request ids are UUIDs, some with a tab behind them. @returns undefined for one that is not, or repeats the key */
export function requestIdIn(value: unknown, key: unknown): string | undefined {
  const id = typeof value === 'string' ? value.trim() : '';
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id) && !repeatsKey(key, id) ? id : undefined;
}

const DEFAULT_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 10 * 60_000;

/** The cloud's clock in its Date header (RFC 9110 section 6.6.1), to the second. */
export const cloudTimeOf = (answer: WireAnswer): { cloudTime?: Date } => {
  const ms = Date.parse(answer.headers.date ?? '');
  return Number.isNaN(ms) ? {} : { cloudTime: new Date(ms) };
};

/** @param send makes the request and sends it @throws {VendingError} saying whether anything was sent, whatever went wrong */
export const answered = (operation: Operation, send: () => Promise<WireAnswer>): Promise<WireAnswer> =>
  send().catch((cause: unknown) => Promise.reject(unanswered(operation, cause)));

/** The error for an answer that did not come. All that fails but is no `NoAnswer` fails before there is a request. */
function unanswered(operation: Operation, cause: unknown): VendingError {
  if (cause instanceof VendingError) return cause;
  // Without its cause: what could not be made into a request may be quoted in there.
  if (!(cause instanceof NoAnswer))
    return new VendingError('INTERNAL', `The request for ${operation.action} could not be made`);
  const { service, action } = named(operation);
  if (cause.sent) return inDoubt(operation, `gave no complete answer to ${action} (${why(cause)})`, { cause });
  if (cause.reason === 'deadline')
    return new VendingError('DEADLINE_PASSED', `No time was left for ${action}`, { cause });
  if (cause.reason === 'cancelled') return new VendingError('CANCELLED', `${action} was cancelled`, { cause });
  return new VendingError('CLOUD_UNREACHABLE', `${service} could not be reached (${why(cause)})`, { cause });
}

/** The error for an answer that cannot be read as what it should be: HTML, nothing, half an object. */
export const unreadable = (operation: Operation, what: string, requestId?: string): VendingError =>
  inDoubt(operation, `gave ${named(operation).action} an answer that cannot be used (${what})`, { requestId });

/** The error for a refusal that came with a code. */
export function refused(operation: Operation, refusal: Refusal, answer: WireAnswer): VendingError {
  const { service, action } = named(operation);
  const { code, key, requestId } = refusal;
  const upstreamCode =
    /^(?=.{1,63}$)[a-z]+(?:[._-][a-z]+)*$/i.test(code) && !repeatsKey(key, code) ? code : 'unprintable';
  const said = { upstreamCode, ...(requestId === undefined ? {} : { requestId }) };
  const { failure, effect } = meaningOf(operation.refusals, upstreamCode);
  if (failure === 'THROTTLED') {
    const retryAfterMs = waitMs(answer.headers);
    return new VendingError(failure, `${service} takes no more requests for now`, { ...said, retryAfterMs });
  }
  // A server that failed may have done so after it had committed, whatever it calls that.
  if (failure === 'OUTCOME_UNKNOWN' || answer.status >= 500) {
    return inDoubt(operation, `failed to carry out ${action} (${upstreamCode})`, said);
  }
  const what = `${service} refused ${action} (${upstreamCode})`;
  return new VendingError(failure, what, { ...said, effect: operation.changes ? effect : 'none' });
}

function inDoubt(
  operation: Operation,
  what: string,
  details: { cause?: unknown; upstreamCode?: string; requestId?: string | undefined },
): VendingError {
  const { service } = named(operation);
  const { requestId, ...rest } = details;
  const known = { ...rest, ...(requestId === undefined ? {} : { requestId }) };
  if (!operation.changes) return new VendingError('CLOUD_UNREACHABLE', `${service} ${what}`, known);
  return new VendingError('OUTCOME_UNKNOWN', `${service} ${what}: it may have taken effect`, {
    ...known,
    effect: 'unknown',
  });
}

const named = ({ service, action }: Operation) => ({ service: service.toUpperCase(), action });

const why = ({ reason, networkCode }: NoAnswer) => plainWord(networkCode) ?? reason;

/** Alibaba sends `x-acs-retry-after` in milliseconds, proxies send `Retry-After` in seconds; otherwise it is CVM's one second. */
function waitMs(headers: IncomingHttpHeaders): number {
  const acs = Number(headers['x-acs-retry-after'] ?? Number.NaN);
  const standard = Number(headers['retry-after'] ?? Number.NaN) * 1_000;
  const said = [acs, standard].find((ms) => Number.isFinite(ms) && ms >= 0) ?? DEFAULT_WAIT_MS;
  return Math.min(Math.ceil(said), LONGEST_WAIT_MS);
}
