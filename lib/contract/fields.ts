// The rule of every field that says which key pair is meant, one schema each: bodies, paths, queries, messages, cursors and the
// command line all follow the same ones. Functions, because a schema that is not used would cost a cold start all the same.
import * as z from 'zod/mini';
import { accountRule, DEFAULT_ACCOUNT, defaultRegion, type Identity, regionRule } from '../identity.ts';
import { GLOBAL, isGlobal, isProvider, type ProviderName, providerNames, rowOf } from '../provider-table.ts';
import { InvalidRequest, invalidFields } from './problem-of.ts';

export const text = (rule: RegExp) => z.string().check(z.regex(rule));

export const providerField = () => z.literal(providerNames);
export const accountField = () => text(accountRule);
export const regionField = () => text(regionRule);
const nameField = (provider: ProviderName) => text(rowOf(provider).name.pattern);
/** For a provider that is not known here: what any of them permits. */
export const anyNameField = () => text(/^[A-Za-z0-9:_-]{1,128}$/);

/** The fields that say which key pair of a provider is meant. Where there is only one region, it may be named and need not be. */
export const identityFields = (provider: ProviderName) => ({
  provider: z.literal(provider),
  account: z.optional(accountField()),
  region: isGlobal(provider) ? z.optional(z.literal(GLOBAL)) : regionField(),
  name: nameField(provider),
});

/** Words as a path, a query or a command line has them. */
export type IdentityWords = { readonly [W in keyof Identity]?: string | undefined };

/** @throws {InvalidRequest} naming every word that is missing or wrong */
export function identityFrom({ provider, account, region, name }: IdentityWords): Identity {
  if (!isProvider(provider)) {
    throw new InvalidRequest([{ pointer: '#/provider', detail: 'is not one of the allowed values' }]);
  }
  const { data, error } = z.object(identityFields(provider)).safeParse({ provider, account, region, name });
  if (error !== undefined) throw new InvalidRequest(invalidFields(error));
  return withDefaults({ ...data, provider });
}

/** Fills in what a request need not say. */
export const withDefaults = (named: {
  readonly provider: ProviderName;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly name: string;
}): Identity => {
  const { provider, account = DEFAULT_ACCOUNT, region = defaultRegion(provider) ?? '', name } = named;
  return { provider, account, region, name };
};
