// What an access document may say, as it is written. Not part of any function: a document is checked when it is compiled.
import * as z from 'zod/mini';
import { accountRule, regionRule } from '../identity.ts';
import { boundRows } from '../policy-bounds.ts';
import { providerNames } from '../provider-table.ts';
import { rights } from '../rights.ts';
import { keyRule } from '../secret-traits.ts';
import { namePattern } from './patterns.ts';

/**
 * Whoever takes a place is written down in one item of the ledger, and DynamoDB refuses one of more than 400 KB: an identity
 * has 230 bytes at most. A larger limit would be no limit but an outage. Whoever needs more writes more than one grant.
 */
const MOST_KEY_PAIRS = 1_500;
const MOST_VENDS = 1_000;

/** No blanks at the ends and no control characters: what looks the same is the same. */
const word = () =>
  z
    .string()
    .check(
      z.regex(
        /^[^\s\p{C}](?:[^\p{C}]*[^\s\p{C}])?$/u,
        'is empty, begins or ends with a blank, or has a control character',
      ),
      z.maxLength(512),
    );
const oneOf = <T extends z.ZodMiniType>(each: T) => z.union([each, z.array(each).check(z.minLength(1))]);
const list = <T extends z.ZodMiniType>(each: T) =>
  z.union([z.literal('any'), z.array(each).check(z.minLength(1))], {
    error: 'is neither the word any nor a list of what is allowed here',
  });
const account = () => z.string().check(z.regex(/^\d{12}$/, 'is not the twelve digits of an AWS account'));
const claims = () => z.record(word(), oneOf(word()));

const who = () =>
  z.union(
    [
      z.strictObject({
        issuer: word(),
        subject: z.optional(oneOf(word())),
        client: z.optional(oneOf(word())),
        groups: z.optional(oneOf(word())),
        scopes: z.optional(oneOf(word())),
        claims: z.optional(claims()),
      }),
      z.strictObject({ awsRole: z.strictObject({ account: account(), role: word() }) }),
      z.strictObject({ awsUser: z.strictObject({ account: account(), user: word() }) }),
      z.strictObject({ queue: oneOf(word()), sender: oneOf(word()) }),
    ],
    {
      error:
        'is none of: issuer with subject, client, groups, scopes or claims; awsRole or awsUser with account and role or user; queue with sender',
    },
  );

const secretKey = () => z.string().check(z.regex(keyRule, 'is not the id, the ARN or the alias of a key'));

/** Bounds of policies: numbers by their table, and whether host keys may be recorded. */
const floors = () => ({
  ...(Object.fromEntries(
    Object.entries(boundRows).map(([name, { upTo }]) => [name, z.optional(z.number().check(z.gte(0), z.lte(upTo)))]),
  ) as Record<keyof typeof boundRows, z.ZodMiniOptional<z.ZodMiniNumber>>),
  mayRecordHostKeys: z.optional(z.boolean()),
});

const grant = () =>
  z.strictObject({
    id: z
      .string()
      .check(z.regex(/^[A-Za-z0-9._-]{1,64}$/, 'is not 1 to 64 letters, digits, dots, hyphens or underscores')),
    who: who(),
    may: list(z.enum(rights)),
    on: z.strictObject({
      provider: list(z.literal(providerNames)),
      account: list(z.string().check(z.regex(accountRule))),
      region: list(z.string().check(z.regex(regionRule))),
      name: list(
        z
          .string()
          .check(
            z.regex(namePattern, 'is neither a whole name nor a prefix that ends in one of : - _ before its *'),
            z.maxLength(129),
          ),
      ),
    }),
    secretKey: z.optional(secretKey()),
    secretKeys: z.optional(list(secretKey())),
    floors: z.optional(z.strictObject(floors())),
    limits: z.optional(
      z.strictObject({
        vendsPerMinute: z.optional(z.int().check(z.gte(1), z.lte(MOST_VENDS))),
        keyPairs: z.optional(z.int().check(z.gte(1), z.lte(MOST_KEY_PAIRS))),
      }),
    ),
  });

const issuer = () =>
  z.strictObject({
    issuer: z.optional(word()),
    keys: z.optional(
      z
        .string()
        .check(z.regex(/^https:\/\/[^\s]+$|^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/, 'is not an https URL')),
    ),
    audience: z.optional(oneOf(word())),
    require: z.optional(claims()),
    idTokens: z.optional(z.boolean()),
    maxLifetimeSeconds: z.optional(z.int().check(z.gte(1))),
    client: z.optional(word()),
    groups: z.optional(word()),
    scopes: z.optional(word()),
  });

export const AccessSchema = z.strictObject({
  version: z.literal(1),
  issuers: z.record(z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,31}$/)), issuer()),
  grants: z.array(grant()),
});
