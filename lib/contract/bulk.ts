// Many at once: each has an outcome of its own, in the order in which they were sent, and one that fails holds up none of the others.
import * as z from 'zod/mini';

const MOST_AT_ONCE = 100;

export const upTo100 = <T extends z.ZodMiniType>(of: T) => z.array(of).check(z.minLength(1), z.maxLength(MOST_AT_ONCE));
/** Each item is read by itself, so that one that is wrong is refused by itself. */
const item = () => z.record(z.string(), z.unknown());

export const vendManyBody = () => z.strictObject({ keyPairs: upTo100(item()) });
export const fileManyBody = () => z.strictObject({ requests: upTo100(item()) });
export const policiesBody = () => z.strictObject({ policies: upTo100(item()) });
