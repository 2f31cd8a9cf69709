// Rules for environment variables, and what is said when one is broken: its name, never its value.
import * as z from 'zod/mini';

export type Environment = Readonly<Record<string, string | undefined>>;
/** Made only when they are asked for: every field of a schema costs a cold start something. */
export type Variables = () => Readonly<Record<string, z.ZodMiniType>>;
/** The values of a set of variables once they were checked. */
export type Checked<V extends Variables> = z.infer<z.ZodMiniObject<ReturnType<V>>>;

export const filled = () => z.string().check(z.minLength(1));
export const url = () => z.string().check(z.regex(/^https?:\/\/[^\s]+$/));
export const maybeUrl = () => z.optional(url());

/**
 * `https://host[:port]`, without a slash at its end: what stands in place of a service's own host. Empty for that one, as a stage's
 * parameter has to be where nothing is set. A path would be left out, so it is refused.
 */
export const maybeOrigin = () =>
  z.pipe(
    z.optional(z.string().check(z.regex(/^(https?:\/\/([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?\/?)?$/i))),
    z.transform((origin) => origin?.replace(/\/$/, '') || undefined),
  );

/** @throws {TypeError} naming every variable that is missing or wrong, and no value */
export function checkedBy<T>(schema: z.ZodMiniType<T>, environment: Environment): T {
  const result = schema.safeParse(environment);
  if (result.success) return result.data;
  throw wrongVariables(result.error.issues.map(({ path }) => path.join('.')));
}

export const wrongVariables = (names: readonly string[]) =>
  new TypeError(`missing or wrong in the environment: ${[...new Set(names)].join(', ')}`);
