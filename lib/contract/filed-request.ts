// A request that is filed for later: what may be sent, as JSON or as a CloudEvent, and what is told of it.
// Source: CloudEvents 1.0, and its HTTP protocol binding, 3.1 (binary mode) and 3.2 (structured mode).
import * as z from 'zod/mini';
import { objectIn, parsedValue } from './parse.ts';
import { movedBelow } from './problem-of.ts';

/** What asks for a key pair, on a bus and here. */
const REQUESTED = 'keyvend.key-pair.requested';

const filled = () => z.string().check(z.minLength(1), z.maxLength(1_024));
const attributes = () => ({
  specversion: z.literal('1.0'),
  id: filled(),
  /** `source` and `id` together are of this event alone. */
  source: filled(),
  type: z.literal(REQUESTED),
});
/** In structured mode; an event may have other attributes, and none of them counts. */
export const RequestedEvent = z.looseObject({
  ...attributes(),
  datacontenttype: z.optional(z.string().check(z.regex(/^application\/(json|[a-z0-9.-]+\+json)\s*(;|$)/i))),
  data: z.record(z.string(), z.unknown()),
});

export const FiledRequest = z.strictObject({
  id: z.string(),
  state: z.enum(['waiting', 'in-hand', 'done', 'buried']),
  filedAt: z.string(),
  /** Where the key pair is found once it was vended, as `Location` has it over HTTP. */
  keyPair: z.optional(z.string()),
  /** Why it can never succeed. */
  refusal: z.optional(
    z.strictObject({
      code: z.string(),
      detail: z.string(),
      errors: z.optional(z.array(z.strictObject({ pointer: z.string(), detail: z.string() }))),
    }),
  ),
});
export type FiledView = z.infer<typeof FiledRequest>;
export const FiledAnswer = z.pick(FiledRequest, { id: true, state: true });

export interface SentEvent {
  readonly id: string;
  readonly source: string;
}

export interface Sent {
  /** The fields of a queue's message. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Where they are in the body, as a pointer: what is wrong with them is told from there. */
  readonly at: '' | '/data';
  readonly event?: SentEvent;
}

/** @throws {InvalidRequest} */
export function sentIn(headers: ReadonlyMap<string, string>, body: string): Sent {
  if (/^application\/cloudevents\+json\s*(;|$)/i.test(headers.get('content-type') ?? '')) {
    const { id, source, data } = parsedValue(RequestedEvent, objectIn(body));
    return { fields: data, at: '/data', event: { id, source } };
  }
  const fields = objectIn(body);
  const names = [...headers.keys()].filter((name) => name.startsWith('ce-'));
  if (names.length === 0) return { fields, at: '' };
  const said = Object.fromEntries(names.map((name) => [name.slice('ce-'.length), decoded(headers.get(name) ?? '')]));
  const { id, source } = parsedValue(z.looseObject(attributes()), said);
  return { fields, at: '', event: { id, source } };
}

/** A header's value is percent-encoded where it is not printable ASCII (3.1.3.2). What cannot be decoded is as good as absent. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value.replace(/^"(.*)"$/, '$1'));
  } catch {
    return '';
  }
}

/** What is wrong with fields that are not the body itself, as pointers into the body. */
export function below<T>(at: Sent['at'], parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw movedBelow(at, error);
  }
}
