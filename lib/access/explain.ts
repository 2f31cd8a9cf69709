// Why somebody may or may not, for an operator who has document and claims: every grant with every field that missed.
import type { Identity } from '../identity.ts';
import type { Right } from '../rights.ts';
import type { AccessDocument, Grant } from './access-document.ts';
import { type Fit, fitOf, grantFor, grantsOf } from './decide.ts';
import type { Principal } from './principal.ts';

/** The one line that says which grant is missing. */
const missingGrant = (right: Right, { provider, account, region, name }: Identity): string =>
  `no grant of "${right}" on ${provider} ${account}/${region}/${name}`;

export function explain(
  document: AccessDocument,
  who: Principal,
  right: Right,
  at: Identity,
): { readonly allowed: boolean; readonly text: string } {
  const grant = grantFor(document, who, right, at);
  const { provider, account, region, name } = at;
  const caller = `  caller   ${who.id}`;
  if (grant !== undefined)
    return {
      allowed: true,
      text: [`allowed: "${right}" on ${provider} ${account}/${region}/${name}`, caller, `  grant    ${grant.id}`].join(
        '\n',
      ),
    };
  const fits = document.grants
    .map((one) => ({ one, fit: fitOf(document, one, who, right, at) }))
    // What is theirs comes first, then what misses least.
    .sort((a, b) => Number(b.fit.who) - Number(a.fit.who) || missed(a.fit) - missed(b.fit));
  const lines = fits.map(({ one, fit }, i) => `  ${i === 0 ? 'nearest' : 'also   '}  ${one.id}: ${shown(one, fit)}`);
  return { allowed: false, text: [`denied: ${missingGrant(right, at)}`, caller, ...lines].join('\n') };
}

/** The grants that are a caller's, the one that misses least first, each with what of the question it covers. */
export const nearestOf = (
  document: AccessDocument,
  who: Principal,
  right: Right,
  at: Identity,
): readonly { readonly grant: Grant; readonly fit: Fit }[] =>
  grantsOf(document, who)
    .map((grant) => ({ grant, fit: fitOf(document, grant, who, right, at) }))
    .sort((a, b) => missed(a.fit) - missed(b.fit));

const missed = (fit: Fit): number => Object.values(fit).filter((fits) => !fits).length;

const shown = (grant: Grant, fit: Fit): string =>
  Object.entries(fit)
    .map(([word, fits]) => (fits ? `${word} yes` : `${word} NO (${said(grant, word as keyof Fit)})`))
    .join(', ');

function said({ who, may, on }: Grant, word: keyof Fit): string {
  if (word === 'who')
    return Object.entries(who)
      .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
      .join(', ');
  const value = word === 'may' ? may : on[word];
  return typeof value === 'string' ? value : value.join(', ');
}
