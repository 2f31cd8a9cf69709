// Turns whatever failed into the problem that a caller gets. Apart from the schema, which no function needs for that.
import type * as z from 'zod/mini';
import { type FailureCode, failures, VendingError } from '../errors.ts';
import type { Problem } from './problem.ts';

/** One field of a body that is not as it must be. `pointer` is an RFC 6901 pointer into it, as a URI fragment. */
export interface InvalidField {
  readonly pointer: string;
  readonly detail: string;
}
/** One word of a path or a query, which no pointer leads to. */
export interface InvalidParameter {
  readonly parameter: string;
  readonly detail: string;
}

/** A request that does not fit its schema, with every field and every parameter that is wrong. */
export class InvalidRequest extends VendingError {
  readonly fields: readonly InvalidField[];
  readonly parameters: readonly InvalidParameter[];

  constructor(
    fields: readonly InvalidField[],
    code: FailureCode = 'INVALID_REQUEST',
    what = 'The request does not match the contract',
    parameters: readonly InvalidParameter[] = [],
  ) {
    super(code, what);
    this.fields = fields;
    this.parameters = parameters;
  }
}

/** @throws {InvalidRequest} of words of a path or a query */
export const invalidParameters = (
  parameters: readonly InvalidParameter[],
  code: FailureCode = 'INVALID_REQUEST',
): InvalidRequest => new InvalidRequest([], code, 'The path or the query does not match the contract', parameters);

/** What was parsed as fields, and came from a path or a query. @returns other errors as they are */
export const asParameters = (error: unknown): unknown =>
  error instanceof InvalidRequest
    ? invalidParameters(
        error.fields.map(({ pointer, detail }) => ({ parameter: pointer.replace(/^#\/?/, ''), detail })),
        error.code,
      )
    : error;

/** What is wrong with a part of a body, as pointers into the whole. @param at where the part is: `/data` @returns other errors as they are */
export function movedBelow(at: string, error: unknown): unknown {
  if (!(error instanceof InvalidRequest) || at === '') return error;
  const moved = error.fields.map(({ pointer, detail }) => ({ pointer: pointer.replace(/^#/, `#${at}`), detail }));
  return new InvalidRequest(moved, error.code);
}

/** As many as anybody reads, and as a message's attributes, an event and a line of the log have room for. */
const MOST_FIELDS = 20;

/** What of a request is wrong, for whoever is not answered over HTTP; undefined where no field is named. */
export const fieldsIn = (error: unknown): readonly InvalidField[] | undefined =>
  error instanceof InvalidRequest && error.fields.length > 0 ? error.fields.slice(0, MOST_FIELDS) : undefined;

const title = (code: FailureCode): string => code.charAt(0) + code.slice(1).toLowerCase().replaceAll('_', ' ');

/** @param error whatever was thrown; what is not ours is reported as an internal error, without a word of it */
export function problemOf(error: unknown): Problem {
  const known = error instanceof VendingError ? error : new VendingError('INTERNAL', 'Something went wrong here');
  const { code, upstreamCode, requestId } = known;
  const errors = known instanceof InvalidRequest ? [...known.fields, ...known.parameters] : [];
  return {
    type: `urn:keyvend:error:${code}`,
    title: title(code),
    status: failures[code].status,
    detail: known.message,
    code,
    ...(upstreamCode === undefined ? {} : { upstreamCode }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(errors.length === 0 ? {} : { errors }),
  };
}

const reasons: Record<string, string> = {
  invalid_type: 'is missing or has the wrong type',
  unrecognized_keys: 'is not a field of this request',
  invalid_value: 'is not one of the allowed values',
  invalid_union: 'is not one of the allowed values',
  invalid_format: 'does not have the required form',
  too_small: 'is too short or too small',
  too_big: 'is too long or too large',
  invalid_key: 'is not an allowed key',
};

/** Our own checks say themselves what is wrong, in words that hold no input. */
const detailOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'custom' ? issue.message : (reasons[issue.code] ?? 'is not permitted');

/** One kind of mistake has a code of its own; several at once are an invalid request. */
export function invalidRequest(error: z.core.$ZodError): InvalidRequest {
  const all = (fits: (issue: z.core.$ZodIssue) => boolean) => error.issues.every(fits);
  const code = all((issue) => issue.code === 'unrecognized_keys')
    ? 'FIELD_UNKNOWN'
    : all(({ path }) => path.length === 1 && path[0] === 'name')
      ? 'NAME_INVALID'
      : 'INVALID_REQUEST';
  return new InvalidRequest(invalidFields(error), code);
}

/** A field's own name may be shown where it looks like one; a value never is. zod's messages quote both. */
export function invalidFields(error: z.core.$ZodError): InvalidField[] {
  return error.issues.flatMap((issue) => {
    const names = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
    return names.map((name) => {
      const path = [...issue.path, ...(name === undefined ? [] : [name])].map(String);
      const shown = path.every((part) => /^[A-Za-z0-9_-]{1,64}$/.test(part)) ? path : path.slice(0, -1);
      return { pointer: `#/${shown.join('/')}`, detail: detailOf(issue) };
    });
  });
}
