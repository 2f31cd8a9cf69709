// From a document as people write it to one that functions read: checked field by field, then by what it means as a whole.
import { isProvider, type ProviderName, providerNames, rowOf } from '../provider-table.ts';
import {
  type AccessDocument,
  type Any,
  type CompiledAccess,
  digestOf,
  type Grant,
  type OneOf,
  type Who,
} from './access-document.ts';
import { AccessSchema } from './access-schema.ts';
import { contains } from './patterns.ts';

export interface Compiled {
  readonly compiled: CompiledAccess;
  /** What is permitted, and probably not meant. */
  readonly warnings: readonly string[];
}

/** A document that cannot be used, with everything that is wrong with it. */
export class WrongDocument extends TypeError {
  readonly reasons: readonly string[];

  constructor(reasons: readonly string[]) {
    super(`the access document cannot be used:\n${reasons.map((reason) => `  ${reason}`).join('\n')}`);
    this.reasons = reasons;
  }
}

/** @param written what YAML or JSON held @throws {WrongDocument} */
export function compile(written: unknown): Compiled {
  const { data, error } = AccessSchema.safeParse(written);
  if (error !== undefined) {
    throw new WrongDocument(
      error.issues.map(({ path, message, code }) => {
        const what = code === 'unrecognized_keys' ? 'has a field that is not known' : message;
        return `${path.map(String).join('.') || 'the document'}: ${what}`;
      }),
    );
  }
  const document = data as AccessDocument;
  const wrong = [...issuerFaults(document), ...document.grants.flatMap((grant) => grantFaults(document, grant))];
  const ids = document.grants.map(({ id }) => id);
  for (const id of new Set(ids.filter((one, i) => ids.indexOf(one) !== i))) wrong.push(`grant ${id}: is there twice`);
  if (wrong.length > 0) throw new WrongDocument(wrong);
  return { compiled: { digest: digestOf(document), document }, warnings: warningsOf(document) };
}

function issuerFaults({ issuers }: AccessDocument): string[] {
  const urls = Object.values(issuers).flatMap(({ issuer }) => (issuer === undefined ? [] : [issuer]));
  return Object.entries(issuers).flatMap(([name, { issuer, keys, audience, require }]) => {
    if (name === 'default' && issuer === undefined && keys === undefined) return [];
    return [
      ...(issuer === undefined || keys === undefined ? [`issuer ${name}: needs issuer and keys`] : []),
      ...(audience === undefined && Object.keys(require ?? {}).length === 0
        ? [`issuer ${name}: needs an audience, or a claim that is required`]
        : []),
      ...(urls.filter((one) => one === issuer).length > 1 ? [`issuer ${name}: another one has the same issuer`] : []),
    ];
  });
}

function grantFaults({ issuers }: AccessDocument, { id, who, on }: Grant): string[] {
  const wrong: string[] = [];
  if ('issuer' in who) {
    const { issuer, ...bound } = who;
    const names = Object.hasOwn(issuers, issuer) ? issuers[issuer] : undefined;
    if (names === undefined) wrong.push(`grant ${id}: who names an issuer that is not among issuers`);
    const words = Object.entries(bound).filter(
      ([, value]) => typeof value !== 'object' || Object.keys(value).length > 0,
    );
    if (words.length === 0) wrong.push(`grant ${id}: who is fulfilled by any token of its issuer`);
    for (const claim of ['client', 'groups', 'scopes'] as const)
      if (who[claim] !== undefined && names !== undefined && names[claim] === undefined)
        wrong.push(`grant ${id}: who asks for ${claim}, and its issuer does not say which claim that is`);
  }
  const providers = on.provider === 'any' ? providerNames : on.provider;
  for (const pattern of on.name === 'any' ? [] : on.name)
    if (!providers.some((provider) => canBeName(provider, pattern)))
      wrong.push(`grant ${id}: no provider of it has a name like ${pattern}`);
  return wrong;
}

/** Whether any name of that provider fits the pattern. */
function canBeName(provider: ProviderName, pattern: string): boolean {
  const { name } = rowOf(provider);
  // A prefix is a name once something follows.
  return [pattern.replace(/\*$/, 'aa'), pattern.replace(/\*$/, 'a')].some((one) => name.pattern.test(one));
}

function warningsOf({ grants, issuers }: AccessDocument): string[] {
  const warnings: string[] = [];
  for (const one of grants) {
    const wider = grants.find((other) => other !== one && covers(other, one));
    if (wider !== undefined && isPlain(one)) warnings.push(`grant ${one.id}: ${wider.id} allows all of it already`);
    if (!('queue' in one.who) && one.may !== 'any' && one.may.includes('vend') && !one.may.includes('read'))
      warnings.push(`grant ${one.id}: whoever may vend learns whether a name is there, so it may as well read`);
    if ((one.secretKey ?? one.secretKeys) !== undefined && one.may !== 'any' && !one.may.includes('vend'))
      warnings.push(
        `grant ${one.id}: its secretKey and secretKeys count for what is vended, and it does not allow that`,
      );
    if (one.on.provider !== 'any' && one.on.name !== 'any')
      for (const provider of one.on.provider.filter(isProvider))
        if (!one.on.name.some((pattern) => canBeName(provider, pattern)))
          warnings.push(`grant ${one.id}: ${provider} permits none of its names`);
  }
  for (const { id, who, may } of grants)
    if ('issuer' in who && issuers[who.issuer]?.issuer === 'https://token.actions.githubusercontent.com')
      if (may === 'any' || may.some((right) => right === 'rotate' || right === 'policy'))
        if (!['ref', 'environment', 'job_workflow_ref'].some((claim) => who.claims?.[claim] !== undefined))
          warnings.push(
            `grant ${id}: a workflow of a pull request has it as well, unless ref or environment is asked for`,
          );
  for (const name of Object.keys(issuers))
    if (!grants.some(({ who }) => 'issuer' in who && who.issuer === name))
      warnings.push(`issuer ${name}: no grant is for its tokens`);
  return warnings;
}

/** Of a grant that says nothing of how, only what. */
const isPlain = ({ limits, floors, secretKey, secretKeys }: Grant): boolean =>
  [limits, floors, secretKey, secretKeys].every((one) => one === undefined);

/** Whether whoever has the second grant has all of it by the first one. */
const covers = (wide: Grant, narrow: Grant): boolean =>
  wide.limits === undefined &&
  coversWho(wide.who, narrow.who) &&
  includes(wide.may, narrow.may) &&
  includes(wide.on.provider, narrow.on.provider) &&
  includes(wide.on.account, narrow.on.account) &&
  includes(wide.on.region, narrow.on.region) &&
  (wide.on.name === 'any' ||
    (narrow.on.name !== 'any' &&
      narrow.on.name.every((pattern) => (wide.on.name as readonly string[]).some((each) => contains(each, pattern)))));

const includes = (wide: readonly string[] | Any, narrow: readonly string[] | Any): boolean =>
  wide === 'any' || (narrow !== 'any' && narrow.every((word) => wide.includes(word)));

/** The narrow one may ask for more; what the wide one asks for, it must ask for as well, and no more loosely. */
function coversWho(wide: Who, narrow: Who): boolean {
  const [outer, inner] = [flat(wide), flat(narrow)];
  return Object.entries(outer).every(([word, wanted]) => {
    const asked = inner[word];
    return asked !== undefined && (wanted.includes('any') || asked.every((value) => wanted.includes(value)));
  });
}

function flat(who: object, path = ''): Readonly<Record<string, readonly string[]>> {
  const entries = Object.entries(who as Record<string, OneOf | object>).map(([word, value]) =>
    typeof value === 'string' || Array.isArray(value)
      ? { [`${path}${word}`]: [value].flat() as string[] }
      : flat(value as object, `${path}${word} `),
  );
  return Object.assign({}, ...entries);
}
