// Clouds that repeat the private key where something else belongs: nothing of it comes back, is printed, announced or filed, and
// the pair whose key went astray does not stay.
import type { KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clouds, startClouds } from '../../local/clouds/clouds.ts';
import { echoForms, echoOf, echoPlaces } from '../../local/clouds/faults/echo.ts';
import { KeySource } from '../../local/clouds/keys/key-source.ts';
import { serviceNames } from '../../local/clouds/state/registry.ts';
import { exampleBody } from '../../local/example-request.ts';
import { type Answered, type Running, start } from './process.ts';

/** Remembers what it gives away. */
class KnownKeys extends KeySource {
  readonly given: KeyObject[] = [];
  override async take(bits: number) {
    const taken = await super.take(bits);
    this.given.push(taken.key);
    return taken;
  }
}

let home: string;
let clouds: Clouds;
let running: Running;
const keys = new KnownKeys({ ready: 0, combinations: 20 });
const answers: Answered[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyvend-hostile-'));
  clouds = await startClouds({ keys, limits: { 'cvm.requestsPerSecond': 1_000 } });
  const { endpoint, credentials, ca } = clouds;
  const files = { KEYVEND_CLOUDS: join(home, 'their.json'), KEYVEND_CLOUDS_CA: join(home, 'their.pem') };
  await writeFile(files.KEYVEND_CLOUDS, JSON.stringify({ endpoint, ...credentials }));
  await writeFile(files.KEYVEND_CLOUDS_CA, ca);
  // Short windows, so that what is to be settled is settled while the test waits.
  const hasty = {
    KEYVEND_RECOVERY_MS: '200',
    KEYVEND_LEASE_MS: '20000',
    KEYVEND_TAKE_OVER_MS: '100',
    KEYVEND_ABSENT_TWICE_MS: '100',
    KEYVEND_ALIBABA_WINDOW_MS: '1000',
    KEYVEND_TENCENT_WINDOW_MS: '1000',
  };
  running = await start(home, { POWERTOOLS_LOG_LEVEL: 'DEBUG', POWERTOOLS_DEV: 'true', ...files, ...hasty });
});
afterAll(async () => {
  await running.end('SIGTERM');
  await clouds.close();
  await rm(home, { recursive: true });
});

const cases = serviceNames.flatMap((provider) =>
  echoPlaces.flatMap((place) =>
    echoForms.map((form) => ({ provider, place, form, name: `${place}_${form}`.replaceAll('-', '_') })),
  ),
);
/** A public key comes with CVM alone, and a fingerprint with the others. */
const comes = ({ provider, place }: (typeof cases)[number]) =>
  place === 'public-key' ? provider === 'cvm' : place !== 'fingerprint' || provider !== 'cvm';

describe('a cloud that repeats the private key', () => {
  it.each(cases.filter(comes))('of $provider in the $place, as $form, is not repeated in an answer', async (one) => {
    const { provider, place, form, name } = one;
    const { id } = clouds.admin.addFault({ match: { action: 'CreateKeyPair' }, fault: { kind: 'echo', place, form } });
    const answer = await running.post(provider, exampleBody(provider, name));
    expect(clouds.admin.faults().find((fault) => fault.id === id)).toMatchObject({ done: 1 });
    answers.push(answer);
    if (place === 'request-id') expect(answer.status).toBe(201);
    else expect(answer.body).toMatchObject({ code: expect.stringMatching(/^(OUTCOME_UNKNOWN|CLOUD_REFUSED)$/) });
    expect(leaked(JSON.stringify([answer.body, [...answer.headers]]))).toEqual([]);
  });

  it('leaves no pair behind whose key is not stored', async () => {
    const astray = () => clouds.admin.pairs().filter(({ name }) => !name.startsWith('request_id'));
    for (let tries = 0; tries < 100 && astray().length > 0; tries += 1) await wait(100);
    expect(astray().map(({ service, name }) => `${service}/${name}`)).toEqual([]);
  });

  it('is repeated in no log line, event or item of the ledger', async () => {
    const ledger = new DatabaseSync(join(home, 'ledger.sqlite'), { readOnly: true });
    const tables = ledger.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[];
    const rows = tables.map(({ name }) => JSON.stringify(ledger.prepare(`SELECT * FROM "${name}"`).all()));
    ledger.close();
    const client = running.queueClient();
    const receive = new ReceiveMessageCommand({ QueueUrl: running.queue('keyvend-events'), MaxNumberOfMessages: 10 });
    const { Messages = [] } = await client.send(receive);
    client.destroy();
    expect(keys.given.length).toBeGreaterThanOrEqual(answers.length);
    expect(running.printed()).toContain('OUTCOME_UNKNOWN');
    const shown = { logs: running.printed(), ledger: rows.join(), events: JSON.stringify(Messages) };
    for (const [where, text] of Object.entries(shown)) expect(leaked(text), where).toEqual([]);
  });
});

/** What of any key that was made is in a text. */
function leaked(text: string): string[] {
  const plain = text.replaceAll('\\n', '\n').replaceAll(':', '');
  return keys.given.flatMap((key) => {
    const pem = key.export({ type: 'pkcs1', format: 'pem' }).toString();
    const parts = [...pem.split('\n').slice(1, -2), ...echoForms.map((form) => echoOf(pem, form))];
    return parts.filter((part) => plain.toLowerCase().includes(part.toLowerCase()));
  });
}
