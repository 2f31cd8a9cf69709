// Adopting pairs that were there before: one, or as many as a list has, each with an outcome of its own.
import { readFileSync } from 'node:fs';
import { KeyvendError } from '../../client/index.ts';
import { identityFrom } from '../../lib/contract/fields.ts';
import type { Identity } from '../../lib/identity.ts';
import { together } from '../../lib/together.ts';
import type { ListedPair } from '../adoption/listed-pair.ts';
import { listedPairs } from '../adoption/pair-list.ts';
import type { ExitCode } from '../exit-codes.ts';
import { plain } from '../plain.ts';
import { fieldsIn } from '../problem-fields.ts';
import { type Deployment, print, printJson, refOf, typed } from './deployment.ts';

type Adoption = NonNullable<Parameters<Deployment['adopt']>[1]>;
type Answer = Awaited<ReturnType<Deployment['adopt']>>;

/** A cloud takes some ten requests a second of an account. */
const AT_ONCE = 5;

export async function adopt(to: Deployment, identity: Identity, adoption: Adoption, json: boolean): Promise<void> {
  const answer = await to.adopt(refOf(identity), adoption);
  if (json) return printJson(answer);
  print(`${wordsOf(answer)}: ${[answer.keyPairId, answer.fingerprint].filter(Boolean).join(' ')}`);
  if (answer.stored && !answer.dryRun)
    print(`its private key is stored: keyvend key ${typed(identity)}; remove the file once you have tried that`);
  if (!answer.stored) print('its private key is not stored; a rotation replaces it by one that is');
}

interface Outcome {
  readonly pair: ListedPair;
  readonly answer?: Answer;
  readonly refused?: { readonly code: string; readonly detail: string };
}

/** @returns 1 where any was refused; each is told, in the order of the list */
export async function adoptListed(
  to: Deployment,
  file: string,
  { region, json, ...how }: How & { readonly region: string | undefined; readonly json: boolean },
): Promise<ExitCode> {
  const pairs = listedPairs(file, region);
  const outcomes = new Map<ListedPair, Outcome>();
  await together(pairs, AT_ONCE, async (pair) => {
    outcomes.set(pair, { pair, ...(await outcomeOf(to, pair, how)) });
  });
  const all = pairs.map((pair) => outcomes.get(pair)!);
  for (const one of all) print(json ? JSON.stringify(shown(one)) : lineOf(one));
  const refused = all.filter(({ answer }) => answer === undefined).length;
  if (!json)
    print(`${all.length - refused} of ${all.length}${how.dryRun ? ' would be' : ''} adopted, ${refused} refused`);
  return refused > 0 ? 1 : 0;
}

interface How {
  /** Whether those of which the list has no private key are adopted without. */
  readonly keyless: boolean;
  readonly dryRun: boolean;
}

async function outcomeOf(to: Deployment, pair: ListedPair, { keyless, dryRun }: How): Promise<Omit<Outcome, 'pair'>> {
  const { keyFile, key, publicKey, ...words } = pair;
  try {
    const identity = identityFrom(words);
    const privateKey = key ?? (keyFile === undefined ? undefined : readKey(keyFile));
    const adoption = {
      dryRun,
      ...(privateKey === undefined ? { keyless, ...(publicKey && { publicKey }) } : { privateKey }),
    };
    return { answer: await to.adopt(refOf(identity), adoption as Adoption) };
  } catch (error) {
    if (error instanceof KeyvendError) {
      const { code, detail, problem } = error;
      return { refused: { code, detail: [detail, fieldsIn(problem).join('; ')].filter(Boolean).join(' ') } };
    }
    const { code = 'INVALID_REQUEST', message } = error as Error & { readonly code?: string };
    return { refused: { code, detail: message } };
  }
}

/** @throws {Error} KEY_FILE, naming the file alone */
export function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw Object.assign(new Error(`The key's file cannot be read: ${file}`), { code: 'KEY_FILE' });
  }
}

function wordsOf({ dryRun, adopted }: Answer): string {
  if (!adopted) return 'was adopted already';
  return dryRun ? 'would be adopted' : 'adopted';
}

const shown = ({ pair: { provider, name, region, account }, ...outcome }: Outcome) => ({
  ...{ provider, name },
  ...(region !== undefined && { region }),
  ...(account !== undefined && { account }),
  ...outcome,
});

function lineOf({ pair: { provider, name }, answer, refused }: Outcome): string {
  const what = answer
    ? `${wordsOf(answer)}, ${answer.stored ? 'with its key' : 'without its key'}`
    : `refused: ${refused!.code} ${refused!.detail}`;
  return plain(`${provider} ${name}  ${what}`);
}
