// The operations whose cost must not grow, on whatever ledger; cloud and secret store are as good as free.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { OPEN } from '../../lib/access/access-document.ts';
import { itself } from '../../lib/application/runtime.ts';
import { deadlineIn, systemClock } from '../../lib/clock.ts';
import type { Identity, Place } from '../../lib/identity.ts';
import { listedAs } from '../../lib/ledger/listing.ts';
import { cursorAfter } from '../../lib/ledger/listing-cursor.ts';
import { configurationFrom } from '../../lib/platforms/configuration.ts';
import { settingsFrom } from '../../lib/platforms/settings.ts';
import type { KeyPairProvider } from '../../lib/providers/provider.ts';
import { Secret } from '../../lib/secret.ts';
import { fingerprints } from '../../lib/ssh/fingerprint.ts';
import { generateKey } from '../../lib/ssh/generate-key.ts';
import { publicKeyLine } from '../../lib/ssh/public-key.ts';
import type { Attempt } from '../../lib/vending/attempt.ts';
import { Deployment } from '../../lib/vending/deployment.ts';
import { placesInUse } from '../../lib/vending/places-in-use.ts';
import type { Ports } from '../../lib/vending/ports.ts';
import { reconcile } from '../../lib/vending/reconcile.ts';
import type { KeyPairRecord } from '../../lib/vending/record.ts';
import type { Policy } from '../../lib/vending/rotation/policy.ts';
import { sendDue } from '../../lib/vending/rotation/send-due.ts';
import { vend } from '../../lib/vending/vend.ts';
import { memoryLedger } from '../../tests/doubles/memory-ledger.ts';
import { memoryStore } from '../../tests/doubles/memory-store.ts';
import type { KeyPairLedger, Meter } from './cost.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const line = publicKeyLine(publicKey);
const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();

/** CVM's way through the protocol, because it acquires a permit as well. Nothing else is asked of it. */
const cloud = {
  provider: 'cvm',
  create: async ({ name }) => {
    const privateKey = new Secret(pem);
    return { id: 'skey-12345678', name, privateKey, publicKey: line, fingerprint: fingerprints(line).md5 };
  },
} satisfies Partial<KeyPairProvider> as unknown as KeyPairProvider;

const nobody = {
  KEYVEND_ACCESS: OPEN,
  KEYVEND_ISSUER: 'nobody',
  KEYVEND_AUDIENCE: 'nobody',
  KEYVEND_JWKS_URI: 'http://127.0.0.1/',
};
const nowhere = {
  KEYVEND_PLATFORM: 'local',
  KEYVEND_LEDGER: 'sqlite',
  KEYVEND_STORE: 'embedded',
  KEYVEND_DEPLOYMENT: 'bench',
  KEYVEND_HOME: 'none',
  KEYVEND_UPSTREAM: '{}',
};
/** Those of a deployment, except that nobody waits for a permit; it is acquired all the same. */
const settings = { ...settingsFrom(configurationFrom({ ...nobody, ...nowhere })), callsPerSecond: { cvm: 1e9 } };

/** One for each ledger, as a process has it: what it has read once, it does not read again for every request. */
const deployments = new WeakMap<KeyPairLedger, Deployment>();
function deploymentOn(ledger: KeyPairLedger): Deployment {
  const standing = deployments.get(ledger) ?? new Deployment('bench', ledger, systemClock, randomUUID);
  deployments.set(ledger, standing);
  return standing;
}

const portsOn = (ledger: KeyPairLedger): Ports => ({
  ledger,
  store: memoryStore(() => Date.now(), { deployment: settings.deployment }),
  providerFor: async () => ({ ...cloud, assertAccount: async () => {} }),
  publish: async () => {},
  notify: async () => {},
  sendEntries: async () => {},
  actor: itself,
  clock: systemClock,
  newId: randomUUID,
  newKey: generateKey,
  wait: async () => {},
  settings,
  deployment: deploymentOn(ledger),
});

const BETWEEN = 10_000;
/** Names of one length, in order; between two that are filed there is room for as many as will ever be vended there. */
export const identityAt = (place: number, between = 0): Identity => {
  const name = `key_${String(place * BETWEEN + between).padStart(12, '0')}`;
  return { provider: 'cvm', account: 'default', region: 'ap-tokyo', name };
};

/** @param fresh not filed yet; @param known filed and active */
type Act = (ledger: KeyPairLedger, fresh: Identity, known: Identity) => Promise<unknown>;
export const operations = {
  'new pair': (ledger, fresh) => order(ledger, fresh),
  'the same again': (ledger, _, known) => order(ledger, known),
  'a page of 20': (ledger, _, known) => {
    const filter = { provider: 'cvm', limit: 20 } as const;
    return ledger.list({ ...filter, own: true, cursor: cursorAfter(listedAs(known), filter) });
  },
  'a place compared': (ledger) => compared(ledger),
  'the places in use': (ledger) => inUse(ledger),
  'what is due': (ledger) => ledger.due('settle', systemClock.wallMs(), 50),
  'rotations due': (ledger) => handOut(ledger),
} satisfies Record<string, Act>;
export type Operation = keyof typeof operations;
/** Those that run only every so many rounds: a hundred key pairs are read and written each time. */
export const seldom: Readonly<Partial<Record<Operation, number>>> = { 'rotations due': 10, 'a place compared': 5 };

/** How many are due for rotation now, of all that will be some day. */
const ROTATIONS_DUE = 100;
const HOUR_MS = 3_600_000;
const hours = new WeakMap<KeyPairLedger, number>();

/** An hour after the last time, when what was handed out then is due again; nobody takes it. */
async function handOut(ledger: KeyPairLedger): Promise<void> {
  const hour = (hours.get(ledger) ?? 0) + 1;
  hours.set(ledger, hour);
  const wallMs = () => hour * HOUR_MS;
  const parts = { ledger, clock: { wallMs, monotonicMs: wallMs }, newId: randomUUID, settings, actor: itself };
  const rotation = { defaults: {} as Policy, leaseMs: 0, graceMs: 0 };
  const sent = await sendDue({ ...parts, rotation }, async () => {});
  if (sent !== ROTATIONS_DUE) throw new Error(`${sent} were due instead of ${ROTATIONS_DUE}`);
}

/** A place with a few key pairs in it, where very many have been. */
const LIVE = 10;
const elsewhere = { provider: 'cvm', account: 'default', region: 'eu-frankfurt' } as const;
const liveAt = (i: number) => ({
  identity: { ...elsewhere, name: `live_${i}` } as const,
  ...{ id: `00000000-0000-4000-8000-00000000000${i}`, keyPairId: `skey-live000${i}` },
});
const live = Array.from({ length: LIVE }, (_, i) => liveAt(i));

async function compared(ledger: KeyPairLedger): Promise<void> {
  const pairs = live.map(({ identity, keyPairId }) => ({ id: keyPairId, name: identity.name, publicKey: line }));
  const secrets = live.map(({ identity, id }) => ({
    ...{ identity, reference: identity.name },
    versions: [{ id, current: true, pending: false }],
  }));
  const findings = await reconcile(
    {
      ...portsOn(ledger),
      providerFor: async () => ({ ...cloud, assertAccount: async () => {}, list: async () => ({ pairs }) }),
      store: { list: async () => ({ secrets }) } as unknown as Ports['store'],
    },
    elsewhere,
  );
  const matched = findings.filter(({ kind }) => kind === 'matched').length;
  if (matched !== LIVE || findings.length !== LIVE) throw new Error(`${matched} of ${findings.length} match`);
}

async function inUse(ledger: KeyPairLedger): Promise<void> {
  const places: Place[] = [];
  for await (const place of placesInUse(ledger)) places.push(place);
  if (places.length !== 2) throw new Error(`${places.length} places are in use instead of two`);
}

const order = (ledger: KeyPairLedger, identity: Identity) =>
  vend(portsOn(ledger), {
    identity,
    request: { projectId: 0, tags: { team: 'platform', stage: 'prod' } },
    caller: 'https://issuer.example portal',
    deadline: deadlineIn(systemClock, 28_000),
  });

/** A ledger with that many key pairs in it. */
export interface Filled {
  readonly keys: number;
  readonly ledger: KeyPairLedger;
  readonly meter: Meter;
}

/** How many names are over, at most: one of a rotation for each key pair, and as many where few are left. */
const MOST_OVER = 100_000;
/** How many are due to be settled besides, whatever else there is. */
const DUE = 10;

/**
 * What vending leaves in a ledger, without vending a million times: `keys` that are active, and will be due for rotation some
 * day; and some that are due.
 */
export async function* filed(keys: number): AsyncGenerator<{ record: KeyPairRecord; id: string; attempt: Attempt }> {
  const ledger = memoryLedger<KeyPairRecord, Attempt>({ clock: systemClock });
  const sample = identityAt(0);
  await order(ledger, sample);
  const { record } = (await ledger.read(sample))!;
  const [version] = record.versions;
  const [attempt] = (await ledger.attempts(sample)).values();
  const someDayMs = systemClock.wallMs() + 90 * 24 * HOUR_MS;
  for (let place = 0; place < keys + DUE + ROTATIONS_DUE; place += 1) {
    const [id, identity] = [randomUUID(), identityAt(place)];
    const secretReference = version!.secretReference!.replace(sample.name, identity.name);
    const made = { ...record, identity, versions: [{ ...version!, id, secretReference }] };
    const dues: Partial<KeyPairRecord> =
      place < keys
        ? { rotateAtMs: someDayMs + place }
        : place < keys + DUE
          ? { state: 'vending', settleAtMs: place }
          : { rotateAtMs: place };
    yield { record: { ...made, ...dues }, id, attempt: attempt! };
  }
  const { rotateAtMs: _, ...plain } = record;
  for (const { identity, id, keyPairId } of live)
    yield { record: { ...plain, identity, versions: [{ ...version!, id, keyPairId }] }, id, attempt: attempt! };
  const over = { ...plain, state: 'vacant' as const, versions: [] };
  for (let place = 0; place < Math.min(keys, MOST_OVER); place += 1) {
    const { name } = identityAt(place);
    const successor = { ...identityAt(place), name: `${name}_r2` };
    yield {
      record: { ...over, identity: successor, successorOf: name, aside: true },
      id: randomUUID(),
      attempt: attempt!,
    };
    yield { record: { ...over, identity: { ...elsewhere, name } }, id: randomUUID(), attempt: attempt! };
  }
}
