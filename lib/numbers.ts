// Numbers as text, which is how an environment and a query string have them. Not zod's `coerce`: that namespace brings dates and
// big integers into every bundle.
import * as z from 'zod/mini';

/** Both ends are included. */
export const wholeNumber = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  z.pipe(
    z.string().check(z.regex(/^\d{1,15}$/)),
    z.pipe(z.transform(Number), z.int().check(z.gte(least), z.lte(most))),
  );

/** With a fraction or without, from 0 on. */
export const decimal = (most: number) =>
  z.pipe(
    z.string().check(z.regex(/^\d{1,9}(\.\d{1,15})?$/)),
    z.pipe(z.transform(Number), z.number().check(z.lte(most))),
  );
