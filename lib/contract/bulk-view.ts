// What many at once are, and what they are answered, for whoever reads the document: functions read each item by itself.
import * as z from 'zod/mini';
import { type ProviderName, providerNames } from '../provider-table.ts';
import { upTo100 } from './bulk.ts';
import { accountField, anyNameField, providerField, regionField } from './fields.ts';
import { FiledAnswer } from './filed-request.ts';
import { bodyFields, keyPairRequest } from './key-pair-request.ts';
import { KeyPairAnswer } from './metadata.ts';
import { PolicyAnswer, PolicyBody } from './policy-body.ts';
import { Problem } from './problem.ts';

export const vendManyShown = (provider: ProviderName) =>
  z.strictObject({ keyPairs: upTo100(z.strictObject(bodyFields(provider))) });
const PolicyItem = z.strictObject({
  provider: providerField(),
  account: z.optional(accountField()),
  region: z.optional(regionField()),
  name: anyNameField(),
  policy: PolicyBody,
});
export const PoliciesShown = z.strictObject({ policies: upTo100(PolicyItem) });

const outcome = {
  /** What the request would have been answered by itself. */
  status: z.int(),
  /** Where it is, as `Location` has it. */
  location: z.optional(z.string()),
  problem: z.optional(Problem),
  /** Seconds, where the problem passes by itself. */
  retryAfter: z.optional(z.int()),
};
export const fileManyShown = () =>
  z.strictObject({ requests: upTo100(z.union(providerNames.map(keyPairRequest) as [z.ZodMiniType, z.ZodMiniType])) });
export const FileManyAnswer = z.strictObject({
  outcomes: z.array(z.strictObject({ ...outcome, request: z.optional(FiledAnswer) })),
});
export const VendManyAnswer = z.strictObject({
  outcomes: z.array(z.strictObject({ ...outcome, keyPair: z.optional(KeyPairAnswer) })),
});
export const PoliciesAnswer = z.strictObject({
  outcomes: z.array(z.strictObject({ ...outcome, policy: z.optional(PolicyAnswer) })),
});
