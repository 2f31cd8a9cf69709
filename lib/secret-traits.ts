// What people may want of a secret beside what is keyvend's own in it: tags, and the key that it is encrypted with.
// Source: AWS General Reference, "Tag restrictions"; Alibaba KMS 2016-01-20, CreateSecret and TagResources: letters, digits and `/\_-.+=:@`,
// 128 characters each, and no key that begins with `aliyun` or `acs:`. What is permitted here, both services take.

export type SecretTags = Readonly<Record<string, string>>;

export interface SecretTraits {
  /** Beside keyvend's own, and never in their place. */
  readonly secretTags?: SecretTags;
  /** The id, ARN or alias of the key that the store encrypts it with; absent for the store's own default. */
  readonly secretKey?: string;
}

/** What a store can give a secret, as its row in the table says. */
export interface TraitLimits {
  /** How many tags beside keyvend's own; absent for none. */
  readonly mostTags?: number;
  /** Whether it encrypts with a key of one's own. */
  readonly ownKeys?: boolean;
}

/** On one secret, by whatever store: more than any has room for. */
export const MOST_TAGS = 20;
/** An empty value is refused, because KMS does not say that it takes one. */
export const tagRule = /^[A-Za-z0-9/_.+=:@-]{1,128}$/;
/** In capitals as well: AWS's policies compare the names of tags without regard to them, and ours say whose a secret is. */
const RESERVED = /^(?:keyvend|aws:|acs:|aliyun)/i;
export const isReserved = (tag: string): boolean => RESERVED.test(tag);

/** `1234abcd-...`, `key-hzz...`, `alias/team-web`, `arn:aws:kms:...`, `acs:kms:...` */
export const keyRule = /^[A-Za-z0-9][A-Za-z0-9:/_-]{0,511}$/;

/** @returns undefined for a text that is not the JSON of an object of such tags; none for an empty one */
export function tagsIn(text: string): SecretTags | undefined {
  if (text === '') return {};
  try {
    const tags: unknown = JSON.parse(text);
    return areTags(tags) ? tags : undefined;
  } catch {
    return undefined;
  }
}

const areTags = (tags: unknown): tags is SecretTags =>
  typeof tags === 'object' &&
  tags !== null &&
  !Array.isArray(tags) &&
  Object.keys(tags).length <= MOST_TAGS &&
  Object.entries(tags).every(
    ([tag, value]) => tagRule.test(tag) && !isReserved(tag) && typeof value === 'string' && tagRule.test(value),
  );

const bare = (key: string): string => key.replace(/^(?:arn|acs):.*:/, '').replace(/^key\//, '');
const isArn = (key: string): boolean => /^(?:arn|acs):/.test(key);

/** Whether two words name one key, as far as the words tell: one may be an ARN and the other what it ends with. */
export const isSameKey = (one: string, other: string): boolean =>
  one === other || (isArn(one) !== isArn(other) && bare(one) === bare(other));

/** Whether it is told by the key's own id, and not by an alias, which leads to one that is not told. */
export const isById = (key: string): boolean => !bare(key).startsWith('alias/');
