// What may be asked: one body for HTTP and queue, so that the two cannot drift apart. A provider's row says which fields it
// takes; the tag rules are ECS's, which hold for CVM as well.
import * as z from 'zod/mini';
import { defaultRegion } from '../identity.ts';
import { type ProviderName, type RequestField, rowOf } from '../provider-table.ts';
import { DEPLOYMENT_TAG } from '../vending/ownership.ts';
import type { Request } from '../vending/record.ts';
import { identityFields, text, withDefaults } from './fields.ts';

const site = /https?:\/\//;
const tagKey = () =>
  z.string().check(
    z.minLength(1),
    z.maxLength(128),
    z.refine((key) => key.isWellFormed(), 'is not well-formed Unicode'),
    z.refine((key) => !/^(aliyun|acs:)/.test(key) && !site.test(key), 'is a key that Alibaba keeps for itself'),
    z.refine((key) => key !== DEPLOYMENT_TAG, 'is a tag that keyvend sets itself'),
  );
const tagValue = () =>
  z.string().check(
    z.maxLength(128),
    z.refine((value) => value.isWellFormed(), 'is not well-formed Unicode'),
    z.refine((value) => !value.startsWith('acs:') && !site.test(value), 'is a value that Alibaba does not permit'),
  );

const fieldOf = {
  tags: () =>
    z
      .record(tagKey(), tagValue())
      .check(
        z.refine(
          (all) => Object.keys(all).length < 20,
          "has more than 19 tags; one of the 20 that are permitted is keyvend's own",
        ),
      ),
  resourceGroupId: () => text(/^rg-[A-Za-z0-9]{1,60}$/),
  projectId: () => z.int().check(z.gte(0)),
} satisfies Record<RequestField & keyof Request, () => z.ZodMiniType>;

export type KeyPairRequest = Request & {
  readonly provider: ProviderName;
  readonly account?: string;
  readonly region?: string;
  readonly name: string;
};

/** The fields of a body, besides the provider, which HTTP has in the path. */
export function bodyFields(provider: ProviderName): Readonly<Record<string, z.ZodMiniType>> {
  const { account, region, name } = identityFields(provider);
  const own = Object.entries(rowOf(provider).fields) as [RequestField, 'required' | 'optional'][];
  return {
    account,
    ...(defaultRegion(provider) === undefined && { region }),
    name,
    ...Object.fromEntries(
      own.map(([field, need]) => [field, need === 'required' ? fieldOf[field]() : z.optional(fieldOf[field]())]),
    ),
  };
}

/** What may be asked of one provider. */
export const keyPairRequest = (provider: ProviderName) =>
  z.strictObject({
    provider: z.literal(provider),
    ...bodyFields(provider),
  }) as unknown as z.ZodMiniType<KeyPairRequest>;

/** The request as the use case takes it: which key pair, and what it should be like. */
export const identityAndRequest = ({ provider, account, region, name, ...request }: KeyPairRequest) => ({
  identity: withDefaults({ provider, account, region, name }),
  request: request satisfies Request,
});
