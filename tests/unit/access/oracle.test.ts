// The decisions of an access document, against Cedar, an engine that others wrote: each grant as a policy of its own. It is a
// development dependency only; measured, it would take a hundred times as long to start as our own table.
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { describe, expect, it } from 'vitest';
import type { AccessDocument, Grant } from '../../../lib/access/access-document.ts';
import { compile } from '../../../lib/access/compile.ts';
import { grantFor } from '../../../lib/access/decide.ts';
import { awsCaller, type Principal, queueSender } from '../../../lib/access/principal.ts';
import type { Identity } from '../../../lib/identity.ts';
import { providerNames } from '../../../lib/provider-table.ts';
import { rights } from '../../../lib/rights.ts';
import { type Random, random } from '../../doubles/random.ts';

const DOCUMENTS = 250;
const REQUESTS = 40;

const issuers = {
  portal: {
    ...{ issuer: 'https://portal', keys: 'https://portal/keys', audience: 'keyvend' },
    ...{ client: 'azp', groups: 'realm.groups', scopes: 'scope' },
  },
  ci: {
    issuer: 'https://ci',
    keys: 'https://ci/keys',
    require: { owner: '1' },
    groups: 'groups',
    client: 'cid',
    scopes: 'scp',
  },
} as const;
const paths = { portal: ['azp', 'realm.groups', 'scope'], ci: ['cid', 'groups', 'scp'] } as const;

const values = ['a', 'b', 'team-a', 'team-ab'] as const;
const regions = ['cn-hangzhou', 'ap-tokyo', 'global'] as const;
const accounts = ['default', 'other'] as const;
const patterns = ['web', 'web:*', 'web_*', 'team-a', 'team-a-*', 'team_a_*', 'db', 'w-*'];
const names = [
  'web',
  'web:prod',
  'web_prod',
  'webb',
  'team-a',
  'team-a-1',
  'team-ab',
  'team_a_1',
  'db',
  'w-',
  'w',
  'W-1',
];

const some = <T>(chance: Random, all: readonly T[]): T[] => {
  const chosen = all.filter(() => chance.chance(0.5));
  return chosen.length > 0 ? chosen : [chance.pick(all)];
};
const anyOr = <T>(chance: Random, all: readonly T[]): readonly T[] | 'any' =>
  chance.chance(0.7) ? 'any' : some(chance, all);
const oneOf = (chance: Random) => (chance.chance(0.5) ? chance.pick(values) : some(chance, values));

function aWho(chance: Random): object {
  const kind = chance.below(10);
  if (kind === 0) return { awsRole: { account: '111122223333', role: chance.pick(values) } };
  if (kind === 1) return { awsUser: { account: '111122223333', user: chance.pick(values) } };
  if (kind === 2)
    return { queue: chance.chance(0.5) ? 'any' : oneOf(chance), sender: chance.chance(0.5) ? 'any' : oneOf(chance) };
  const words = some(chance, ['subject', 'client', 'groups', 'scopes', 'claims'] as const).slice(
    0,
    1 + chance.below(2),
  );
  return {
    issuer: chance.pick(['portal', 'ci'] as const),
    ...Object.fromEntries(words.map((word) => [word, word === 'claims' ? { ref: oneOf(chance) } : oneOf(chance)])),
  };
}

const aGrant = (chance: Random, id: number) => ({
  id: `g${id}`,
  who: aWho(chance),
  may: anyOr(chance, rights),
  on: {
    provider: anyOr(chance, providerNames),
    account: anyOr(chance, accounts),
    region: anyOr(chance, regions),
    name: anyOr(chance, patterns),
  },
});

function aDocument(chance: Random): AccessDocument {
  for (;;) {
    const grants = Array.from({ length: 1 + chance.below(8) }, (_, i) => aGrant(chance, i));
    try {
      return compile({ version: 1, issuers, grants }).compiled.document;
    } catch {
      // such as names that none of its providers permits
    }
  }
}

/** Claims in every shape that issuers have: lists, words with blanks, nested, numbers, nothing. */
function aPrincipal(chance: Random): Principal {
  const kind = chance.below(10);
  const value = chance.pick(values);
  if (kind === 0)
    return awsCaller(`arn:aws:sts::${chance.pick(['111122223333', '444455556666'])}:assumed-role/${value}/session`)!;
  if (kind === 1) return awsCaller(`arn:aws:iam::111122223333:user/path/${value}`)!;
  if (kind === 2) return queueSender(chance.pick(values), `${value}:session`);
  const issuer = chance.pick(['portal', 'ci'] as const);
  const shaped = () =>
    chance.pick<unknown>([value, some(chance, values), some(chance, values).join(' '), 5, true, null, {}]);
  const claims = {
    sub: chance.pick(values),
    ...(chance.chance(0.6) && { scope: shaped() }),
    ...(chance.chance(0.6) && { scp: shaped() }),
    ...(chance.chance(0.6) && { azp: shaped() }),
    ...(chance.chance(0.6) && { cid: shaped() }),
    ...(chance.chance(0.6) && { groups: shaped() }),
    ...(chance.chance(0.6) && { realm: { groups: shaped() } }),
    ...(chance.chance(0.6) && { ref: shaped() }),
  };
  return { kind: 'token', id: 'x', issuer, claims };
}

const text = (value: string) => JSON.stringify(value);
const set = (all: string | readonly string[]) => `[${[all].flat().map(text).join(', ')}]`;

/** One grant in Cedar's language. */
function policy({ who, may, on }: Grant): string {
  const inList = (field: string, all: readonly string[] | 'any') =>
    all === 'any' ? [] : [`${set(all)}.contains(${field})`];
  const when: string[] = [
    ...inList('context.right', may),
    ...inList('resource.provider', on.provider),
    ...inList('resource.account', on.account),
    ...inList('resource.region', on.region),
  ];
  if (on.name !== 'any') {
    const likes = on.name.map((pattern) => `resource.name like ${text(pattern)}`);
    when.push(`(${likes.join(' || ')})`);
  }
  if ('issuer' in who) {
    when.push('principal.kind == "token"', `principal.issuer == ${text(who.issuer)}`);
    if (who.subject !== undefined) when.push(`${set(who.subject)}.contains(principal.sub)`);
    if (who.client !== undefined) when.push(`${set(who.client)}.containsAny(principal.client)`);
    if (who.groups !== undefined) when.push(`${set(who.groups)}.containsAny(principal.groups)`);
    if (who.scopes !== undefined) when.push(`${set(who.scopes)}.containsAny(principal.scopes)`);
    if (who.claims?.ref !== undefined) when.push(`${set(who.claims.ref)}.containsAny(principal.ref)`);
  } else if ('queue' in who) {
    when.push('principal.kind == "queue"');
    if (who.queue !== 'any') when.push(`${set(who.queue)}.contains(principal.queue)`);
    if (who.sender !== 'any') when.push(`${set(who.sender)}.contains(principal.sender)`);
  } else {
    const [word, { account, ...named }] =
      'awsRole' in who ? (['role', who.awsRole] as const) : (['user', who.awsUser] as const);
    when.push('principal.kind == "aws"', `principal.account == ${text(account)}`);
    when.push(`principal has ${word} && principal.${word} == ${text(Object.values(named)[0]!)}`);
  }
  return `permit (principal, action, resource) when { ${when.join(' && ')} };`;
}

/** What a caller's claims mean, by the issuers' pages and not by our code: a list's texts, or a text's words. */
function attributesOf(who: Principal): Record<string, cedar.CedarValueJson> {
  if (who.kind !== 'token') {
    const { id: _, ...rest } = who as unknown as Record<string, string>;
    return rest;
  }
  const { claims, issuer } = who;
  const { scope, scp, azp, cid, groups, realm, ref, sub } = claims as Record<string, unknown>;
  const texts = (value: unknown) => (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
  const words = (value: unknown) => (typeof value === 'string' ? value.split(' ') : texts(value));
  const ofPortal = issuer === 'portal';
  expect(paths[issuer as keyof typeof paths]).toBeDefined();
  const client = ofPortal ? azp : cid;
  return {
    kind: 'token',
    issuer,
    sub: String(sub),
    client: typeof client === 'string' ? [client] : [],
    groups: words(ofPortal ? (realm as { groups?: unknown } | undefined)?.groups : groups),
    scopes: words(ofPortal ? scope : scp),
    ref: texts(ref),
  };
}

function cedarSays(document: AccessDocument, who: Principal, right: string, at: Identity): boolean {
  const [principal, resource] = [
    { type: 'Caller', id: 'c' },
    { type: 'KeyPair', id: 'k' },
  ];
  const answer = cedar.isAuthorized({
    principal,
    resource,
    action: { type: 'Action', id: 'ask' },
    context: { right },
    policies: { staticPolicies: Object.fromEntries(document.grants.map((grant) => [grant.id, policy(grant)])) },
    entities: [
      { uid: principal, attrs: attributesOf(who), parents: [] },
      { uid: resource, attrs: { ...at }, parents: [] },
    ],
  });
  if (answer.type === 'failure') throw new Error(JSON.stringify(answer.errors));
  // A policy that fails is skipped, and the answer says deny all the same.
  expect(answer.response.diagnostics.errors).toEqual([]);
  return answer.response.decision === 'allow';
}

describe('what is decided by an access document', () => {
  it(`is what Cedar decides, in ${DOCUMENTS * REQUESTS} random requests`, { timeout: 120_000 }, () => {
    const chance = random(20_261_125);
    let allowed = 0;
    for (let i = 0; i < DOCUMENTS; i += 1) {
      const document = aDocument(chance);
      for (let j = 0; j < REQUESTS; j += 1) {
        const who = aPrincipal(chance);
        const right = chance.pick(rights);
        const at = {
          provider: chance.pick(providerNames),
          account: chance.pick(accounts),
          region: chance.pick(regions),
          name: chance.pick(names),
        };
        const ours = grantFor(document, who, right, at) !== undefined;
        if (ours) allowed += 1;
        if (ours !== cedarSays(document, who, right, at))
          expect.fail(JSON.stringify({ ours, document, who, right, at }, null, 2));
      }
    }
    // Where nothing is allowed, nothing can differ.
    expect(allowed).toBeGreaterThan((DOCUMENTS * REQUESTS) / 20);
    expect(allowed).toBeLessThan((DOCUMENTS * REQUESTS) / 2);
  });
});
