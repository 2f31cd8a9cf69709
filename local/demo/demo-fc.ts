// `npm run demo -- --platform fc`: what is packaged for Function Compute, started as that starts it: a key pair vended on each provider through
// the custom domain, one by EventBridge and one by SMQ. The keys are in a local KMS. Leaves nothing behind.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Identity } from '../../lib/identity.ts';
import { readersStore } from '../../lib/platforms/readers-store.ts';
import { fail } from '../fail.ts';
import { functionNames } from '../fc/packaged.ts';
import { postgresPrograms } from '../postgres/postgres-server.ts';
import { nameOfUser } from '../sshd.ts';
import { saidOf } from './ask-ssh-keygen.ts';
import { BUS, fcScene, QUEUE, REQUESTED } from './fc-scene.ts';
import { fetchHere } from './fetch-here.ts';
import { withPrivateKeys } from './find-private-keys.ts';
import { passingFolder } from './passing-folder.ts';

if (postgresPrograms() === undefined) fail('PostgreSQL is not installed here (Debian: apt-get install postgresql)', 1);
if (nameOfUser() === undefined)
  fail(
    `PostgreSQL does not work for a user without a name: that of uid ${process.getuid?.()} is missing in /etc/passwd`,
    1,
  );

let printed = '';
function say(line: string): void {
  if (signalled !== undefined) throw new Error('ended by a signal');
  printed += `${line}\n`;
  process.stdout.write(`${line}\n`);
}
// Instances are frozen when nobody calls them and would outlive this process, and one that is being started is known to nobody yet: so a
// signal ends the demo before its next line.
let signalled: number | undefined;
for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143 }))
  process.once(signal, () => {
    signalled = code;
  });
const answers: string[] = [];
const keys: string[] = [];
const home = passingFolder();
const closers: (() => Promise<unknown>)[] = [];

try {
  const here = await fcScene(home, closers);
  const { fc, clouds, database, bytes, issuer, get } = here;
  say(
    `packaged for Function Compute: ${(bytes / 1e6).toFixed(1)} MB, which start as ${functionNames.length} functions:`,
  );
  say(`  ${functionNames.join(' ')}`);
  say(`their domain is ${fc.domain}, PostgreSQL at 127.0.0.1:${database.port}, the clouds at ${clouds.tlsEndpoint}`);
  const token = await issuer.token('operator', 1, { groups: ['keyvend-operators'] });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };

  await overHttp('ens', { name: 'edge-gateway' });
  await overHttp('ecs', { name: 'web-prod', region: 'cn-hangzhou', tags: { team: 'platform' } });
  await overHttp('cvm', { name: 'web_prod', region: 'ap-tokyo', projectId: 0 });
  await byEventBridge({ provider: 'ecs', name: 'from-bus', region: 'cn-hangzhou' });
  await bySmq({ provider: 'ens', name: 'from-queue' });

  const announced = clouds.admin.events.list(BUS).filter(({ type }) => type !== REQUESTED);
  say(`\nEventBridge ${BUS} -> what the sender announced`);
  for (const { type, subject } of announced) say(`  ${type} ${subject}`);

  const texts = [printed, ...answers, fc.printed(), JSON.stringify(announced)];
  const found = withPrivateKeys(texts, keys);
  say(
    found === 0
      ? `\nno private key is in what was answered, printed or announced: ${texts.join('').length} characters searched for ${keys.length} keys`
      : '\nA PRIVATE KEY IS in what was answered, printed or announced',
  );
  if (found > 0) process.exitCode = 1;

  type Body = { readonly name: string; readonly region?: string; readonly [more: string]: unknown };
  type Order = Body & { readonly provider: Identity['provider'] };

  async function overHttp(provider: Identity['provider'], body: Body): Promise<void> {
    const path = `/v1/${provider}/key-pairs`;
    say(`\nPOST ${path} ${JSON.stringify(body)}`);
    const { status, text } = await ask('POST', path, JSON.stringify(body));
    say(`  ${status} ${text}`);
    if (status !== 201) throw new Error(`POST ${path} was answered ${status}`);
    await prove(provider, body);
  }

  async function ask(method: string, path: string, body?: string): Promise<{ status: number; text: string }> {
    const answer = await fetchHere(`${fc.domain}${path}`, { method, headers, ...(body !== undefined && { body }) });
    const text = await answer.text();
    answers.push(text);
    return { status: answer.status, text };
  }

  async function byEventBridge(data: Order): Promise<void> {
    say(`\nEventBridge ${BUS} <- ${REQUESTED} ${JSON.stringify(data)}`);
    const event = { specversion: '1.0', id: 'build-4711', source: 'your.pipeline', type: REQUESTED, data };
    clouds.admin.events.put(BUS, { ...event, time: new Date().toISOString(), aliyuneventbusname: BUS });
    const { delivered } = await clouds.admin.events.deliver();
    if (delivered !== 1) throw new Error('the intake did not take the event');
    await worked(data);
  }

  async function bySmq(data: Order): Promise<void> {
    say(`\nSMQ ${QUEUE} <- ${JSON.stringify(data)}`);
    clouds.admin.queues.send(QUEUE, Buffer.from(JSON.stringify(data)).toString('base64'));
    const batch = clouds.admin.queues.stream(QUEUE).next();
    if (batch === undefined || (await get('intake').invoke(JSON.stringify(batch.events))).failed)
      throw new Error('the intake did not take the message');
    batch.taken();
    await worked(data);
  }

  /** What the intake filed: it calls the worker, and that calls the sender. */
  async function worked({ provider, ...body }: Order): Promise<void> {
    const called = fc.asynchronous.waiting.map(({ name }) => name);
    if (!called.includes(get('worker').spec.name)) throw new Error('the intake did not call the worker');
    say('  the intake filed it and called the worker');
    await fc.asynchronous.settled();
    const query = body.region === undefined ? '' : `?region=${body.region}`;
    const { text } = await ask('GET', `/v1/${provider}/key-pairs/${body.name}${query}`);
    const { state, versions } = JSON.parse(text) as { state?: string; versions?: { keyPairId: string }[] };
    if (state !== 'active') throw new Error(`the worker did not vend ${body.name}`);
    say(`  ${state} as ${versions?.[0]?.keyPairId}`);
    await prove(provider, body);
  }

  /** What `npx keyvend key` reads from KMS, and what ssh-keygen says of it. */
  async function prove(provider: Identity['provider'], { name, region = 'global' }: Body): Promise<void> {
    const store = await readersStore(here.reading);
    const key = (await store.reveal({ provider, account: 'default', region, name }))?.reveal();
    await store.close();
    if (key === undefined) throw new Error(`the key of ${name} is not in KMS`);
    keys.push(key);
    const file = join(home, 'key');
    await writeFile(file, key, { mode: 0o600 });
    const said = saidOf(file);
    await rm(file);
    say(`  ssh-keygen -l: ${said.line}`);
    if (said.refused) process.exitCode = 1;
  }
} finally {
  for (const closer of closers.reverse()) await closer();
  if (signalled !== undefined) process.exit(signalled);
}
