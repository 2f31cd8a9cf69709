// A pair that was there before, made by somebody else who kept its key. Several ask to have it adopted, some of them with another key, while
// others ask for a pair of that very name: whatever fails, the pair is never touched, and a key is stored only where the pair counts.
import { deadlineIn } from '../../lib/clock.ts';
import { failures, VendingError } from '../../lib/errors.ts';
import { hasTags, providerNames } from '../../lib/provider-table.ts';
import { Secret } from '../../lib/secret.ts';
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';
import { type AdoptCommand, adopt } from '../../lib/vending/adopt.ts';
import { keys } from '../doubles/key-pairs.ts';
import { STRANGER } from '../doubles/memory-cloud.ts';
import { markOf } from '../doubles/pair-mark.ts';
import { random } from '../doubles/random.ts';
import { admittedBy, asks, asLogged, inTime, reconciles, recovers } from './callers.ts';
import { byChance } from './faults.ts';
import { brokenAtAnswer } from './promises.ts';
import { comes, finished, type Run } from './run.ts';
import { network } from './scheduler.ts';
import { secretsGoLate } from './secrets-late.ts';
import { strangerComes } from './stranger.ts';
import { type Name, type World, world } from './world.ts';

export function adoptedRun(seed: number): Promise<Run> {
  const chance = random(seed ^ 0xad07);
  const provider = chance.pick(providerNames);
  const all = world(seed, provider, byChance(random(seed + 1)));
  all.callersRead = seed % 2 === 0;
  all.cloud.lagMs = chance.pick([0, 0, 5_000, 25_000]);
  secretsGoLate(all, random(seed + 6));
  const [named] = all.names;
  const { region, name } = named.identity;
  const right = parsePrivateKey(all.cloud.create({ region, name }, STRANGER).privateKey);
  all.cloud.handedOut.push(keys.find(({ publicKey }) => publicKey === right.publicKey)!);
  const wrong = parsePrivateKey(new Secret(keys.at(-1)!.pem));
  const shown = hasTags(provider) && chance.chance(0.5) ? {} : { publicKey: right.publicKey };

  const later = () => chance.pick([0, 50, 1_500, 40_000, 120_000, 400_000, 1_050_000, 1_300_000]) + chance.below(50);
  for (let i = 1 + chance.below(4); i > 0; i -= 1) {
    const key = chance.pick([right, right, right, shown, wrong]);
    comes(all, i === 1 ? 0 : later(), () => adopts(all, named, `adopter${i}`, key));
  }
  for (let i = chance.below(3); i > 0; i -= 1) comes(all, later(), () => asks(all, named, `http${i}`, 'http'));
  for (let i = chance.below(4); i > 0; i -= 1) comes(all, later(), () => void recovers(all, `scheduled${i}`));
  for (let i = chance.pick([0, 0, 1]); i > 0; i -= 1) comes(all, later(), () => void reconciles(all, `reconciler${i}`));
  if (chance.chance(0.15)) strangerComes(all, named, 'deletes', later());
  return finished(all, { title: `adopted, seed ${seed}, ${provider}`, again: `--adopted --runs 1 --seed ${seed}` });
}

const TRIES = 3;

async function adopts(all: World, named: Name, who: string, key: AdoptCommand['key']): Promise<void> {
  const { identity, acknowledged, broken } = named;
  for (let tried = 1; tried <= TRIES; tried += 1) {
    const { process, ports } = all.worker(`${who}.${tried}`, all.callersRead);
    const order = { identity, request: {}, caller: who, key, admit: admittedBy(ports, identity) };
    const work = adopt(ports, { ...order, deadline: deadlineIn(process, 28_500) });
    const done = () => process.done();
    work.then(done, done);
    const outcome = await inTime(all, work, 30_000);
    if (outcome === 'gone') continue;
    if ('done' in outcome) {
      const { stored, adopted: _, publicKey, ...pair } = outcome.done;
      all.line.note(who, `is answered ${markOf(pair)}, ${stored ? 'stored' : 'not stored'}`);
      all.told.push(JSON.stringify(outcome.done));
      acknowledged.push({ ...pair, request: ADOPTION });
      if (stored) broken.push(...(await brokenAtAnswer(all, identity, pair)));
      const isWrong = key.publicKey !== undefined && key.publicKey !== publicKey;
      if (isWrong) broken.push('P1: another key was taken for the one of the pair');
      return;
    }
    const { error } = outcome;
    all.told.push(asLogged(error));
    all.line.note(who, `is told ${error instanceof VendingError ? error.code : String(error)}`);
    if (!(error instanceof VendingError)) broken.push(`P0: a defect: ${(error as Error).stack}`);
    if (!(error instanceof VendingError) || !failures[error.code].retry) return;
    await all.scheduler.point(network, error.retryAfterMs ?? 30_000);
  }
}

/** Among the requests that were acknowledged for a name, an adoption is one of its own. */
const ADOPTION = 9;
