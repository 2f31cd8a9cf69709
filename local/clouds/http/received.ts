// One request as it came off the wire, whole. Signatures are verified on this and nothing else.

export interface Received {
  readonly method: string;
  /** The path alone; both clouds' key-pair calls use `/`. */
  readonly path: string;
  /** The query as sent, without `?`, still encoded. */
  readonly query: string;
  /** Lower-case name to value; a repeated header's trimmed values are sorted and joined by commas, as ACS3 signs them. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** @param rawHeaders names and values in turn, as `http.IncomingMessage` has them */
export function received(method: string, target: string, rawHeaders: readonly string[], body: Buffer): Received {
  const values = new Map<string, string[]>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    // Node reads header bytes as latin1; signers encode them as UTF-8.
    const value = Buffer.from(rawHeaders[i + 1]!, 'latin1')
      .toString('utf8')
      .trim();
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  const headers = new Map([...values].map(([name, list]) => [name, list.sort().join(',')]));
  const mark = target.indexOf('?');
  return {
    method,
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? '' : target.slice(mark + 1),
    headers,
    body,
  };
}

type Pairs = readonly (readonly [name: string, value: string])[];

const decoded = (text: string): Pairs => [...new URLSearchParams(`?${text}`)];

export const queryPairs = (request: Received): Pairs => decoded(request.query);

/** The fields of a form body; none when the body is something else. */
export const formPairs = (request: Received): Pairs =>
  request.headers.get('content-type')?.toLowerCase().startsWith('application/x-www-form-urlencoded')
    ? decoded(request.body.toString('utf8'))
    : [];
