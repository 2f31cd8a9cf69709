// How a failure is reported: RFC 9457, application/problem+json.
import * as z from 'zod/mini';

export const Problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  upstreamCode: z.optional(z.string()),
  requestId: z.optional(z.string()),
  /** Each names a field of the body by a pointer, or a word of the path or the query. */
  errors: z.optional(
    z.array(
      z.union([
        z.strictObject({ pointer: z.string(), detail: z.string() }),
        z.strictObject({ parameter: z.string(), detail: z.string() }),
      ]),
    ),
  ),
});
export type Problem = z.infer<typeof Problem>;
