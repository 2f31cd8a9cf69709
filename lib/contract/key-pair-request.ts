// What may be asked: one body for HTTP and queue, so that the two cannot drift apart. A provider's row says which fields it
// takes, the table below what its tags may be.
import * as z from 'zod/mini';
import { defaultRegion } from '../identity.ts';
import { type ProviderName, type RequestField, rowOf } from '../provider-table.ts';
import { isReserved, keyRule, MOST_TAGS, tagRule } from '../secret-traits.ts';
import { parsePublicKey, publicKeyBits } from '../ssh/public-key.ts';
import { keySizes, keySources } from '../vending/key-source.ts';
import { DEPLOYMENT_TAG } from '../vending/ownership.ts';
import type { Request } from '../vending/record.ts';
import { identityFields, text, withDefaults } from './fields.ts';

/** A provider's rules for tags; the contract shows the patterns. Half a surrogate pair (`Cs`) cannot be sent. */
interface TagRules {
  readonly key: RegExp;
  readonly value: RegExp;
  /** On one pair, keyvend's own included. */
  readonly most: number;
}

/**
 * Source: CreateKeyPair of ECS; "Use Limits" of Tencent Cloud Tag, whose lengths are in Unicode characters. Which letters besides
 * English and Chinese ones Tencent takes is not said: they are sent, and TAGS_REFUSED says what came of it.
 */
const tagRules: Readonly<Partial<Record<ProviderName, TagRules>>> = {
  ecs: {
    key: /^(?!aliyun|acs:)(?![\s\S]*(?:https?:\/\/|\p{Cs}))[\s\S]{1,128}$/u,
    value: /^(?!acs:)(?![\s\S]*(?:https?:\/\/|\p{Cs}))[\s\S]{0,128}$/u,
    most: 20,
  },
  cvm: {
    key: /^(?!qcs:|project|项目| )[\p{L}\p{M}\p{N} +\-=._:/@()[\],;><【】（）：]{1,127}(?<! )$/u,
    value: /^(?! )[\p{L}\p{M}\p{N} +\-=._:/@()[\],;><【】（）：]{1,255}(?<! )$/u,
    most: 50,
  },
};

function tags(provider: ProviderName) {
  const { key, value, most } = tagRules[provider] ?? { key: /^/, value: /^/, most: 1 };
  const notOurs = z.refine((word) => word !== DEPLOYMENT_TAG, 'is a tag that keyvend sets itself');
  return z
    .record(text(key).check(notOurs), text(value))
    .check(
      z.refine(
        (all) => Object.keys(all).length < most,
        `has more than ${most - 1} tags; one of the ${most} that are permitted is keyvend's own`,
      ),
    );
}

const secretTags = () =>
  z
    .record(
      text(tagRule).check(z.refine((tag) => !isReserved(tag), 'begins with keyvend, aws:, acs: or aliyun')),
      text(tagRule),
    )
    .check(z.refine((all) => Object.keys(all).length <= MOST_TAGS, `has more than ${MOST_TAGS} tags`));

const fieldOf = {
  tags,
  resourceGroupId: () => text(/^rg-[A-Za-z0-9]{1,60}$/),
  projectId: () => z.int().check(z.gte(0)),
} satisfies Record<RequestField & keyof Request, (provider: ProviderName) => z.ZodMiniType>;

/** Whose key it is to be, of any provider. */
const keyFields = () => ({
  keySource: z.optional(z.enum(keySources)),
  keyBits: z.optional(z.literal(keySizes)),
  publicKey: z.optional(
    z.string().check(
      z.maxLength(2_000),
      // As a file has it: with whatever comment, and the end of its line.
      z.regex(/^ssh-rsa [A-Za-z0-9+/]+={0,2}(?:[ \t][^\r\n]*)?[\r\n]*$/, { abort: true }),
      z.refine(isImportable, 'is not the public line of an RSA key of 2048 to 4096 bits'),
    ),
  ),
});

/** What the clouds import, and recent distributions accept. */
function isImportable(line: string): boolean {
  try {
    const bits = publicKeyBits(parsePublicKey(line));
    return bits >= 2_048 && bits <= 4_096;
  } catch {
    return false;
  }
}

const whole = z.check<KeyPairRequest>(({ value, issues }) => {
  const { keySource, keyBits, publicKey, secretTags, secretKey } = value;
  const wrong = (path: string, message: string) =>
    void issues.push({ code: 'custom', input: undefined, path: [path], message });
  if (publicKey !== undefined && keySource === 'create') wrong('publicKey', 'is imported: leave keySource out');
  for (const [path, of] of Object.entries({ secretTags, secretKey }))
    if (publicKey !== undefined && of !== undefined) wrong(path, 'is of a secret, and a key of your own is not stored');
  if (publicKey !== undefined && keyBits !== undefined) wrong('keyBits', 'is for a key that keyvend makes');
  else if (keyBits !== undefined && keySource !== 'import') wrong('keyBits', 'needs keySource import beside it');
});

export type KeyPairRequest = Request & {
  readonly provider: ProviderName;
  readonly account?: string;
  readonly region?: string;
  readonly name: string;
};

/** What may be said of a pair and its secret, besides which one it is and whose key it has. */
export function requestFields(provider: ProviderName): Readonly<Record<string, z.ZodMiniType>> {
  const own = Object.entries(rowOf(provider).fields) as [RequestField, 'required' | 'optional'][];
  return {
    ...Object.fromEntries(
      own.map(([field, need]) => [
        field,
        need === 'required' ? fieldOf[field](provider) : z.optional(fieldOf[field](provider)),
      ]),
    ),
    // Of the secret, whichever store has it: what a store cannot give is refused by name (lib/application/within-store.ts).
    secretTags: z.optional(secretTags()),
    secretKey: z.optional(text(keyRule)),
  };
}

/** The fields of a body, besides the provider, which HTTP has in the path. */
export function bodyFields(provider: ProviderName): Readonly<Record<string, z.ZodMiniType>> {
  const { account, region, name } = identityFields(provider);
  const where = { account, ...(defaultRegion(provider) === undefined && { region }), name };
  return { ...where, ...requestFields(provider), ...keyFields() };
}

/** What may be asked of one provider. */
export const keyPairRequest = (provider: ProviderName) =>
  (
    z.strictObject({
      provider: z.literal(provider),
      ...bodyFields(provider),
    }) as unknown as z.ZodMiniType<KeyPairRequest>
  ).check(whole);

/** The request as the use case takes it: which key pair, and what it should be like. */
export const identityAndRequest = ({ provider, account, region, name, publicKey, ...request }: KeyPairRequest) => ({
  identity: withDefaults({ provider, account, region, name }),
  // The comment is not the key's: the same key with another one is the same request.
  request: {
    ...request,
    ...(publicKey !== undefined && { publicKey: parsePublicKey(publicKey).line }),
  } satisfies Request,
});
