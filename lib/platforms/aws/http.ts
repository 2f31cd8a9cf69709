// API Gateway's events, both payload formats (1.0: REST and HTTP APIs; 2.0: HTTP APIs and function URLs), and its answer.
// Source: "Working with AWS Lambda proxy integrations for HTTP APIs", API Gateway developer guide.
import type { HttpRequest, HttpResponse } from '../../application/http.ts';
import { VendingError } from '../../errors.ts';
import { type PlaceEvent, placeOf } from './place.ts';

/** What the gateway sends, as far as it is read here; all of it comes from a caller and may be anything. */
interface GatewayEvent extends PlaceEvent {
  readonly rawQueryString?: string;
  readonly httpMethod?: string;
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueQueryStringParameters?: Readonly<Record<string, readonly string[] | undefined>> | null;
  readonly requestContext?: PlaceEvent['requestContext'] & {
    readonly requestId?: unknown;
    readonly http?: { readonly method?: string };
    readonly authorizer?: { readonly iam?: { readonly userArn?: unknown } | null };
    readonly identity?: { readonly userArn?: unknown } | null;
  };
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
}

/** @param longestBody bytes @throws {VendingError} TOO_LARGE for a longer one */
export function requestOf(event: unknown, longestBody: number): HttpRequest {
  const gateway = (event ?? {}) as GatewayEvent;
  return {
    method: gateway.requestContext?.http?.method ?? gateway.httpMethod ?? '',
    ...placeOf(gateway),
    headers: headersOf(gateway),
    query: gateway.rawQueryString === undefined ? queryOf(gateway) : new URLSearchParams(gateway.rawQueryString),
    body: bodyOf(gateway, longestBody),
    ...signerOf(gateway),
    ...idOf(gateway),
  };
}

function idOf({ requestContext }: GatewayEvent): Pick<HttpRequest, 'id'> {
  const id = requestContext?.requestId;
  return typeof id === 'string' && /^[\w=+/-]{1,128}$/.test(id) ? { id } : {};
}

/** Payload 2.0 has it under `authorizer.iam`, 1.0 under `identity`. */
function signerOf({ requestContext: { authorizer, identity } = {} }: GatewayEvent): Pick<HttpRequest, 'signedBy'> {
  const arn = authorizer?.iam?.userArn ?? identity?.userArn;
  return typeof arn === 'string' ? { signedBy: arn } : {};
}

/** @param context Lambda's */
export const leftMsOf = (context: unknown): number =>
  (context as { getRemainingTimeInMillis(): number }).getRemainingTimeInMillis();

export const responseOf = ({ status: statusCode, headers, body }: HttpResponse) => ({
  statusCode,
  headers,
  body,
  isBase64Encoded: false,
});

/** Payload 1.0 keeps the case a client sent and has the last value alone; its multi-value map has them all. */
function headersOf({ headers, multiValueHeaders }: GatewayEvent): Map<string, string> {
  const all = new Map<string, string>();
  for (const [name, value] of Object.entries(headers ?? {})) if (value) all.set(name.toLowerCase(), value);
  for (const [name, values] of Object.entries(multiValueHeaders ?? {})) {
    if (values) all.set(name.toLowerCase(), values.join(', '));
  }
  return all;
}

function queryOf({ queryStringParameters, multiValueQueryStringParameters }: GatewayEvent): URLSearchParams {
  const single = Object.entries(queryStringParameters ?? {}).map(([name, value]) => [name, [value]] as const);
  const query = new URLSearchParams();
  for (const [name, values] of [...single, ...Object.entries(multiValueQueryStringParameters ?? {})]) {
    query.delete(name);
    for (const value of values ?? []) if (value !== undefined) query.append(name, value);
  }
  return query;
}

function bodyOf({ body, isBase64Encoded }: GatewayEvent, longest: number): string {
  const text = body ?? '';
  if (text.length > longest * 2) throw tooLarge();
  const bytes = Buffer.from(text, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > longest) throw tooLarge();
  return bytes.toString('utf8');
}

const tooLarge = () => new VendingError('TOO_LARGE', 'The request is too large');
