// What a caller may do here, and why not: of their own grants alone. Whose the others are is nobody else's to know.
import type * as z from 'zod/mini';
import type { Access } from '../access/access.ts';
import type { Grant } from '../access/access-document.ts';
import type { Principal } from '../access/principal.ts';
import type { AccessAnswer, Feature, MeAnswer } from '../contract/access-view.ts';
import type { Identity } from '../identity.ts';
import type { Right } from '../rights.ts';

const words = (given: readonly string[] | 'any') => (given === 'any' ? given : [...given]);
const onView = ({ provider, account, region, name }: Grant['on']) => ({
  ...{ provider: words(provider), account: words(account), region: words(region), name: words(name) },
});

/** @param grants undefined where everything is allowed @param has what the deployment has besides what each has */
export function meView(
  who: Principal,
  grants: readonly Grant[] | undefined,
  has: Readonly<Partial<Record<Feature, boolean>>>,
): z.infer<typeof MeAnswer> {
  const subject = who.kind === 'token' && typeof who.claims.sub === 'string' ? who.claims.sub : undefined;
  return {
    id: who.id,
    ...(who.kind === 'token' && { issuer: who.issuer }),
    ...(subject !== undefined && { subject }),
    ...(grants && {
      grants: grants.map(({ id, may, on, limits, secretKey, secretKeys }) => ({
        ...{ id, may: words(may), on: onView(on) },
        ...(limits && { limits: { ...limits } }),
        ...(secretKey !== undefined && { secretKey }),
        ...(secretKeys !== undefined && { secretKeys: words(secretKeys) }),
      })),
    }),
    has: (Object.keys(has) as Feature[]).filter((feature) => has[feature]),
  };
}

export function accessView(access: Access, who: Principal, right: Right, at: Identity): z.infer<typeof AccessAnswer> {
  const grant = access.grantFor(who, right, at);
  if (grant !== undefined) return { allowed: true, right, grant: grant.id };
  return {
    ...{ allowed: false, right },
    nearest: access.nearestOf(who, right, at).map(({ grant: { id, may, on }, fit: { who: _, ...fits } }) => ({
      ...{ id, fits, may: words(may), on: onView(on) },
    })),
  };
}
