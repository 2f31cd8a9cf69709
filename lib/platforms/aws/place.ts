// Which part of a path is keyvend's, and what a gateway has in front of it: a stage, or the base path of a custom domain. It says
// which route it matched, so nothing is told by a position in the path. What it shows of the path itself differs: a REST API leaves
// out the stage and shows a base path; an HTTP API shows the stage, decodes the path, and cuts it off at a question mark.
// Source: "Working with AWS Lambda proxy integrations for HTTP APIs", API Gateway developer guide, and what users of both report.
import type { HttpRequest } from '../../application/http.ts';

/** What a gateway says about where a request went; all of it comes from a caller and may be anything. */
export interface PlaceEvent {
  /** Payload 2.0: the whole path. */
  readonly rawPath?: string;
  /** Payload 1.0: the path, without the stage in REST APIs. */
  readonly path?: string;
  /** Payload 2.0: `GET /v1/{provider}/key-pairs/{name}`, or `$default`. */
  readonly routeKey?: string;
  /** Payload 1.0: `/v1/{provider}/key-pairs/{name}`; a last `{proxy+}` stands for the rest of a path. */
  readonly resource?: string;
  readonly pathParameters?: Readonly<Record<string, string | undefined>> | null;
  readonly requestContext?: {
    readonly stage?: string;
    readonly domainName?: string;
    /** Payload 1.0: the path that the caller asked for. */
    readonly path?: string;
  };
}

/**
 * The path as the routes have it, its parameters percent-encoded once, and the base of every URL in the answer. Where no route is
 * said (a function URL, `$default`), the path without a named stage.
 */
export function placeOf(event: PlaceEvent): Pick<HttpRequest, 'path' | 'base'> {
  const { rawPath, path, routeKey, resource, pathParameters: given, requestContext: context = {} } = event;
  const whole = rawPath ?? path ?? '';
  // What somebody has in front of our routes in an API of their own is in the route; it is base, too.
  const [, route] = /^(?:.*(?=\/v1\/)|.*(?=\/))(.+)/.exec(resource ?? routeKey ?? '') ?? [];
  const words = (
    route?.replace(/\{(\w+)\+\}$/, (_, name) => given?.[name] ?? '') ?? withoutStage(whole, context.stage)
  ).split('/');
  const sent = segments(whole);
  const filled = words.map((word, at) => {
    const name = /^\{(\w+)\}$/.exec(word)?.[1];
    if (name === undefined) return word;
    const raw = sent.at(at - words.length);
    const value = given?.[name] ?? raw;
    return value === raw ? value : encodeURIComponent(value!); // as it was sent, or decoded by the gateway
  });
  return { path: filled.join('/'), base: baseOf(segments(context.path ?? whole), words.length - 1, context) };
}

/**
 * On a custom domain an HTTP API shows the stage where the caller has the base path of the mapping, if any: then the base is
 * relative, which is right for whoever resolves it (RFC 3986 section 5.2). So it is where the front is nothing that a mapping takes.
 * @param ours how many segments of the path are keyvend's
 */
function baseOf(
  shown: readonly string[],
  ours: number,
  { stage, domainName }: PlaceEvent['requestContext'] & {},
): string {
  const front = shown.slice(0, -ours).join('/');
  const isInstead = domainName?.includes('.execute-api.') === false && `${front}/`.startsWith(`/${stage}/`);
  return isInstead || !/^(\/[\w$.+!*'(),%~-]+)*$/.test(front)
    ? Array(ours - 1)
        .fill('..')
        .join('/')
    : front;
}

/** A REST API matches, and shows, a path with a slash at its end as well. */
const segments = (path: string): string[] => path.replace(/\/$/, '').split('/');

function withoutStage(path: string, stage?: string): string {
  const front = `/${stage}`;
  return `${path}/`.startsWith(`${front}/`) ? path.slice(front.length) : path;
}
