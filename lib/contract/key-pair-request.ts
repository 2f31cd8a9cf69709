// What may be asked: one body for HTTP and queue, so that the two cannot drift. The name rules are each service's own
// (CreateKeyPair: ENS, ECS, CVM); the tag rules are ECS's, which CVM keeps to as well.
import * as z from 'zod/mini';
import type { Identity } from '../identity.ts';
import { DEPLOYMENT_TAG } from '../vending/ownership.ts';
import type { Request } from '../vending/record.ts';

const text = (form: RegExp) => z.string().check(z.regex(form));
const alibabaName = text(/^(?!https?:\/\/)[A-Za-z][A-Za-z0-9:_-]{1,127}$/);
const tencentName = text(/^[A-Za-z0-9_]{1,25}$/);
const region = text(/^[a-z0-9][a-z0-9-]{0,62}$/);
const account = text(/^[a-z0-9][a-z0-9-]{0,31}$/);

const site = /https?:\/\//;
const tagKey = z.string().check(
  z.minLength(1),
  z.maxLength(128),
  z.refine((key) => key.isWellFormed(), 'is not well-formed Unicode'),
  z.refine((key) => !/^(aliyun|acs:)/.test(key) && !site.test(key), 'is a key that Alibaba keeps for itself'),
  z.refine((key) => key !== DEPLOYMENT_TAG, 'is the tag that keyvend sets itself'),
);
const tagValue = z.string().check(
  z.maxLength(128),
  z.refine((value) => value.isWellFormed(), 'is not well-formed Unicode'),
  z.refine((value) => !value.startsWith('acs:') && !site.test(value), 'is a value that Alibaba does not permit'),
);
const tags = z
  .record(tagKey, tagValue)
  .check(
    z.refine(
      (all) => Object.keys(all).length < 20,
      "has more than 19 tags; of 20 that are permitted, one is keyvend's own",
    ),
  );

export const KeyPairRequest = z.discriminatedUnion('provider', [
  z.strictObject({ provider: z.literal('ens'), account: z.optional(account), name: alibabaName }),
  z.strictObject({
    provider: z.literal('ecs'),
    account: z.optional(account),
    region,
    name: alibabaName,
    resourceGroupId: z.optional(text(/^rg-[A-Za-z0-9]{1,60}$/)),
    tags: z.optional(tags),
  }),
  z.strictObject({
    provider: z.literal('cvm'),
    account: z.optional(account),
    region,
    name: tencentName,
    projectId: z.int().check(z.gte(0)),
    tags: z.optional(tags),
  }),
]);
export type KeyPairRequest = z.infer<typeof KeyPairRequest>;

/** The request as the use case takes it: which key pair, and what it is to be like. */
export function identityAndRequest({ provider, account: alias, name, ...rest }: KeyPairRequest): {
  identity: Identity;
  request: Request;
} {
  const { region: place = 'global', ...request } = rest as { region?: string } & Request;
  return { identity: { provider, account: alias ?? 'default', region: place, name }, request };
}
