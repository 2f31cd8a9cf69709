// Many at once: each has an outcome of its own, in the order in which they were sent, and one that fails holds up none of the others.
import * as z from 'zod/mini';
import type { ProviderName } from '../provider-table.ts';
import { accountField, anyNameField, providerField, regionField } from './fields.ts';
import { bodyFields } from './key-pair-request.ts';
import { KeyPairAnswer } from './metadata.ts';
import { PolicyAnswer, PolicyBody } from './policy-body.ts';
import { Problem } from './problem.ts';

const MOST_AT_ONCE = 100;

const list = <T extends z.ZodMiniType>(of: T) => z.array(of).check(z.minLength(1), z.maxLength(MOST_AT_ONCE));
/** Each item is read by itself, so that one that is wrong is refused by itself. */
const item = () => z.record(z.string(), z.unknown());

export const VendManyBody = z.strictObject({ keyPairs: list(item()) });
export const PoliciesBody = z.strictObject({ policies: list(item()) });

/** As a document shows them, whose readers want to know what an item is. */
export const vendManyShown = (provider: ProviderName) =>
  z.strictObject({ keyPairs: list(z.strictObject(bodyFields(provider))) });
const PolicyItem = z.strictObject({
  provider: providerField(),
  account: z.optional(accountField()),
  region: z.optional(regionField()),
  name: anyNameField(),
  policy: PolicyBody,
});
export const PoliciesShown = z.strictObject({ policies: list(PolicyItem) });

const outcome = {
  /** What the request would have been answered by itself. */
  status: z.int(),
  /** Where it is, as `Location` has it. */
  location: z.optional(z.string()),
  problem: z.optional(Problem),
  /** Seconds, where the problem passes by itself. */
  retryAfter: z.optional(z.int()),
};
export const VendManyAnswer = z.strictObject({
  outcomes: z.array(z.strictObject({ ...outcome, keyPair: z.optional(KeyPairAnswer) })),
});
export const PoliciesAnswer = z.strictObject({
  outcomes: z.array(z.strictObject({ ...outcome, policy: z.optional(PolicyAnswer) })),
});
