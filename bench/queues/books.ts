// Do clouds, ledger, secret store, dead letters and announcements tell the same story?
import { systemClock } from '../../lib/clock.ts';
import { VendedEvent } from '../../lib/contract/events.ts';
import { identityKey } from '../../lib/identity.ts';
import { embeddedStore } from '../../lib/secrets/embedded/embedded-store.ts';
import { secretsFile, secretsKeyFile } from '../../lib/secrets/embedded/open.ts';
import { serviceNames } from '../../local/clouds/state/registry.ts';
import { DEPLOYMENT, EVENTS, type Stage } from './stage.ts';

export interface Books {
  /** Attempts that came to nothing, such as those that the cloud refused as too many, and that another followed. */
  readonly madeAgain: number;
  /** Announcements that repeat another one; that is permitted. */
  readonly announcedTwice: number;
  /** One sentence for whatever does not agree. */
  readonly wrong: readonly string[];
}

/** @param wanted identity keys of everything that was asked for, each once */
export async function booksOf(stage: Stage, wanted: ReadonlySet<string>): Promise<Books> {
  const { clouds, home, everything } = stage;
  const wrong: string[] = [];
  const expectAll = (what: string, keys: readonly string[]) => {
    const different = new Set(keys);
    const twice = keys.length - different.size;
    const missing = [...wanted].filter((key) => !different.has(key)).length;
    const strange = keys.filter((key) => !wanted.has(key)).length;
    if (twice + missing + strange > 0)
      wrong.push(`${what}: ${missing} missing, ${twice} twice, ${strange} never asked for`);
  };

  const pairs = clouds.admin.pairs();
  expectAll(
    'pairs in the clouds',
    pairs.map(({ service, region, name }) => identityKey({ provider: service, account: 'default', region, name })),
  );

  const ledger = await stage.openLedger();
  const records = await everyPage(
    (cursor) => ledger.list({ limit: 100, ...cursor }),
    ({ records }) => records,
  );
  const active = records.filter(
    ({ state, versions, attempt }) => state === 'active' && versions.length === 1 && !attempt,
  );
  expectAll(
    'active records with one version',
    active.map(({ identity }) => identityKey(identity)),
  );
  const ids = new Set(pairs.map(({ id }) => id));
  const unknown = active.filter(({ versions }) => !ids.has(versions[0]!.keyPairId!)).length;
  if (unknown > 0) wrong.push(`${unknown} records name a pair that is not there`);
  let madeAgain = 0;
  for (const { identity, versions } of records) {
    for (const [id, { outcome }] of await ledger.attempts(identity)) {
      if (outcome === 'open') wrong.push('an attempt is open');
      else if (id !== versions[0]?.id) madeAgain += 1;
    }
  }
  await ledger.close();

  const key = { file: secretsKeyFile(home) };
  const store = await embeddedStore({ path: secretsFile(home), deployment: DEPLOYMENT, key, clock: systemClock });
  const secrets = await everyPage(
    (cursor) => store.list(cursor.cursor),
    ({ secrets }) => secrets,
  );
  expectAll(
    'stored keys',
    secrets.flatMap(({ identity, versions }) => versions.map(() => identityKey(identity))),
  );
  await store.close();

  for (const provider of serviceNames) {
    const dead = await stage.dead(provider);
    if (dead > 0) wrong.push(`${dead} dead letters of ${provider}`);
  }
  // At least once each: the event's id is the attempt's.
  const bodies = await everything(EVENTS);
  const events = bodies
    .map((body) => VendedEvent.safeParse(JSON.parse(body)).data)
    .filter((event) => event !== undefined);
  if (events.length < bodies.length) wrong.push(`${bodies.length - events.length} events tell of something else`);
  const announced = new Map(events.map(({ id, data }) => [id, identityKey(data)]));
  expectAll('announcements', [...announced.values()]);
  return { madeAgain, announcedTwice: events.length - announced.size, wrong };
}

/** Every row of a listing that goes on by cursor. */
async function everyPage<P extends { readonly cursor?: string }, T>(
  page: (from: { readonly cursor?: string }) => Promise<P>,
  rows: (page: P) => readonly T[],
): Promise<T[]> {
  const all: T[] = [];
  for (let from: { readonly cursor?: string } | undefined = {}; from !== undefined; ) {
    const shown: P = await page(from);
    all.push(...rows(shown));
    from = shown.cursor === undefined ? undefined : { cursor: shown.cursor };
  }
  return all;
}
