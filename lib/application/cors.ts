// Which web pages may call the API: those of the configured origins, and of no others. A page has a token of its own, so no cookie and
// no other credential of a browser's is let through. Source: Fetch Standard, "CORS protocol".
import type { HttpRequest, HttpResponse } from './http.ts';

const METHODS = 'GET, POST, PUT, DELETE';
const REQUEST_HEADERS = 'authorization, content-type, idempotency-key';
const ANSWER_HEADERS = 'location, retry-after, key-pair-usage, www-authenticate';
/** Browsers keep what a preflight was told for no longer than this. */
const KEEP_SECONDS = 7_200;

/** The same, for gateways that answer preflights by themselves. */
export const corsRules = {
  methods: METHODS.split(', '),
  requestHeaders: REQUEST_HEADERS.split(', '),
  answerHeaders: ANSWER_HEADERS.split(', '),
  keepSeconds: KEEP_SECONDS,
} as const;

/** `https://portal.example.com`, as browsers send it: no path, and no slash at the end. */
export const originForm = /^https?:\/\/(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[\da-f:.]+\])(?::\d{1,5})?$/;

/** @param said separated by commas or blanks; empty for none */
export const originsIn = (said: string | undefined): ReadonlySet<string> =>
  new Set((said ?? '').split(/[\s,]+/).filter((one) => one !== ''));

type Asked = Pick<HttpRequest, 'method' | 'headers'>;

/** @returns what a browser is told before it sends anything; undefined for whatever is no preflight of a page that may */
export function preflightAnswer(origins: ReadonlySet<string>, { method, headers }: Asked): HttpResponse | undefined {
  if (method !== 'OPTIONS' || !headers.has('access-control-request-method')) return undefined;
  const allowed = originHeaders(origins, headers);
  if (allowed['access-control-allow-origin'] === undefined) return undefined;
  return {
    status: 204,
    headers: {
      ...allowed,
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': REQUEST_HEADERS,
      'access-control-max-age': String(KEEP_SECONDS),
    },
    body: '',
  };
}

/** An answer as the page that asked may read it. Without origins, nothing is changed. */
export const readableBy = (
  origins: ReadonlySet<string>,
  headers: Asked['headers'],
  answer: HttpResponse,
): HttpResponse =>
  origins.size === 0 ? answer : { ...answer, headers: { ...answer.headers, ...originHeaders(origins, headers) } };

/** `vary` also where the origin is none of ours: a cache must not give one page what another was answered. */
function originHeaders(origins: ReadonlySet<string>, headers: Asked['headers']): Readonly<Record<string, string>> {
  const origin = headers.get('origin');
  if (origin === undefined || !origins.has(origin)) return { vary: 'origin' };
  return {
    vary: 'origin',
    'access-control-allow-origin': origin,
    'access-control-expose-headers': ANSWER_HEADERS,
  };
}
