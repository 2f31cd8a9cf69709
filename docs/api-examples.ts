// Records what the API is really sent and what it really answers, for the contract (lib/contract/openapi/examples.json): a server of its own
// with local clouds, every operation once, and whatever is refused on the way; and what it announces, for events/schemas.
// `node docs/api-examples.ts`.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { publicKeyLine } from '../lib/ssh/public-key.ts';
import { type Place, place, type Serving } from '../tests/stack/serving.ts';

const FILE = fileURLToPath(new URL('../lib/contract/openapi/examples.json', import.meta.url));
const EVENTS = fileURLToPath(new URL('../events/schemas/recorded.json', import.meta.url));
const region = 'cn-hangzhou';

type Body = Record<string, unknown>;
const operations: Record<string, Record<string, unknown>> = {};
const problems: Record<string, unknown> = {};

const here = await place();
const announced: Record<string, unknown> = {};
const hook = createServer(async (request, response) => {
  const event = JSON.parse(await text(request)) as { readonly type: string };
  announced[event.type] ??= event;
  response.writeHead(204).end();
}).listen(0, '127.0.0.1');
await once(hook, 'listening');
const secretFile = join(here.folder, 'webhook');
writeFileSync(secretFile, `whsec_${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
const server = await here.start({
  KEYVEND_HOST_NETWORKS: '10.20.0.0/16',
  KEYVEND_MIN_OVERLAP_DAYS: '0',
  KEYVEND_WEBHOOK_URL: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`,
  KEYVEND_WEBHOOK_SECRET_FILE: secretFile,
});
try {
  await record(here, server);
} finally {
  await server.end();
  hook.close();
  await here.remove();
}
const elsewhere = (value: unknown) =>
  `${JSON.stringify(value, null, 2)
    .replaceAll(here.folder, '/var/lib/keyvend')
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'https://login.example.com')}\n`;
writeFileSync(FILE, elsewhere({ operations, problems }));
for (const [provider, id] of [
  ['ens', 'vendEnsKeyPair'],
  ['ecs', 'vendEcsKeyPair'],
  ['cvm', 'vendCvmKeyPair'],
] as const)
  announced[`${provider}Request`] = { provider, ...(operations[id]!.sent as object) };
writeFileSync(EVENTS, elsewhere(Object.fromEntries(Object.entries(announced).sort())));
process.stdout.write(`${Object.keys(operations).length} operations, ${Object.keys(problems).length} refusals\n`);

async function record({ clouds, token }: Place, { ask, url }: Serving): Promise<void> {
  const auditor = await token({ groups: ['nobody'] }, 'visitor');
  const keep = (id: string, status: number, body: unknown, sent?: unknown) => {
    const known = operations[id] ?? {};
    operations[id] = { ...known, ...(sent !== undefined && known.sent === undefined && { sent }), [status]: body };
  };
  /** @returns the answer's body, kept as what the operation answers with that status, or as a problem */
  const call = async (
    id: string,
    method: string,
    path: string,
    sent?: object,
    headers: Record<string, string> = {},
  ) => {
    let { status, body } = await ask(method, path, sent, headers);
    // A create late in its second waits for the next one, for which these short leases have no time.
    for (let i = 0; i < 5 && body.code === 'THROTTLED'; i += 1) {
      await wait(700);
      ({ status, body } = await ask(method, path, sent, headers));
    }
    if (status >= 400) problems[String(body.code)] ??= body;
    else if (id !== '') keep(id, status, body, sent);
    return body;
  };
  const pair = (name: string, below = '', more = '') =>
    `/v1/ecs/key-pairs/${encodeURIComponent(name)}${below}?region=${region}${more}`;

  await call('vendEnsKeyPair', 'POST', '/v1/ens/key-pairs', { name: 'edge-gateway' });
  const web = { name: 'web:prod', region, tags: { team: 'platform' } };
  for (const _ of [201, 200]) await call('vendEcsKeyPair', 'POST', '/v1/ecs/key-pairs', web);
  await call('vendCvmKeyPair', 'POST', '/v1/cvm/key-pairs', { name: 'web_prod', region: 'ap-tokyo', projectId: 0 });
  await call('vendEnsKeyPairs', 'POST', '/v1/ens/batches', { keyPairs: [{ name: 'edge-1' }] });
  await call('vendEcsKeyPairs', 'POST', '/v1/ecs/batches', {
    keyPairs: [
      { name: 'app:one', region },
      { name: 'app:two', region },
      { name: 'web:prod', region },
    ],
  });
  await call('vendCvmKeyPairs', 'POST', '/v1/cvm/batches', {
    keyPairs: [{ name: 'app_one', region: 'ap-tokyo', projectId: 0 }],
  });

  await adoptions();

  await call('listKeyPairs', 'GET', '/v1/key-pairs?name=web&sort=-requestedAt');
  await call('readKeyPair', 'GET', pair('web:prod'));
  await call('readMe', 'GET', '/v1/me');
  await call('explainAccess', 'GET', `/v1/access?right=vend&provider=ecs&region=${region}&name=web:prod`);
  await call('readQuota', 'GET', '/v1/quota');
  await call('readHealth', 'GET', '/health');

  const policy = { maxAgeDays: 90, hosts: [{ host: '10.20.0.5', user: 'root', hostKeys: [] }] };
  await call('putPolicy', 'PUT', pair('web:prod', '/policy'), policy);
  await call('readPolicy', 'GET', pair('web:prod', '/policy'));
  await call('putPolicies', 'PUT', '/v1/policies', {
    policies: [{ provider: 'ecs', region, name: 'app:one', policy: { maxAgeDays: 90, hosts: policy.hosts } }],
  });
  await call('', 'PUT', pair('web:prod', '/policy'), { hosts: [{ host: '192.0.2.7', user: 'root' }] });
  await call('', 'PUT', pair('web:prod', '/policy'), { coverage: 0.1 });
  const { id } = await call('rotateKeyPair', 'POST', pair('web:prod', '/rotations'));
  await call('readRotation', 'GET', pair('web:prod', `/rotations/${id}`));
  await call('waiveHost', 'POST', pair('web:prod', `/rotations/${id}/waivers`), {
    host: 'root@10.20.0.5:22',
    reason: 'it is being replaced',
  });
  await call('', 'POST', pair('web:prod', `/rotations/${id}/waivers`), { host: 'root@10.20.0.6:22' });
  await call('', 'GET', pair('web:prod', '/rotations/00000000-0000-4000-8000-000000000000'));
  await lingering();
  const cancelled = await call('rotateKeyPair', 'POST', pair('app:one', '/rotations'));
  await call('cancelRotation', 'DELETE', pair('app:one', `/rotations/${cancelled.id}`));

  await call('', 'DELETE', pair('held'));
  await call('retireKeyPair', 'DELETE', pair('app:two'));
  await call('', 'POST', '/v1/ecs/key-pairs', { name: 'app:two', region });
  await call('restoreKeyPair', 'POST', pair('app:two', '/restoration'));
  await call('readHistory', 'GET', pair('app:two', '/history', '&limit=2'));
  await call('readAudit', 'GET', '/v1/audit?limit=1');

  const filed = await call('fileRequest', 'POST', '/v1/requests', { provider: 'ecs', name: 'batch-job', region });
  await until(async () => (await ask('GET', `/v1/requests/${filed.id}`)).body.state === 'done');
  await call('readRequest', 'GET', `/v1/requests/${filed.id}`);
  await call('fileRequest', 'POST', '/v1/requests', {
    requests: [
      { provider: 'ens', name: 'later-1' },
      { provider: 'ens', name: 'later-2' },
    ],
  });
  const taken = await call('fileRequest', 'POST', '/v1/requests', { provider: 'ecs', name: 'web:prod', region });
  await until(async () => (await ask('GET', `/v1/requests/${taken.id}`)).body.state === 'buried');
  await call('listMessages', 'GET', '/v1/messages?state=buried');
  await call('readMessage', 'GET', `/v1/messages/${taken.id}?queue=keyvend-ecs`);
  await call('putBackMessage', 'POST', `/v1/messages/${taken.id}?queue=keyvend-ecs`);
  await call('', 'POST', `/v1/messages/${filed.id}?queue=keyvend-ecs`);
  await call('', 'GET', '/v1/messages/none?queue=keyvend-ecs');
  await call('', 'GET', '/v1/requests/none');

  await refusals();
  await until(async () => Object.keys(announced).length >= 7);

  /** Pairs that were there before. Their private keys would be no example: they are in no text. */
  async function adoptions(): Promise<void> {
    const made = () => publicKeyLine(generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey);
    const [publicKey, other] = [made(), made()];
    const { admin } = clouds;
    const adoption = (provider: string, name: string, place: string) =>
      `/v1/${provider}/key-pairs/${encodeURIComponent(name)}/adoption${place}`;
    await admin.addStranger({ service: 'ecs', region, name: 'legacy:web', publicKey });
    const legacy = adoption('ecs', 'legacy:web', `?region=${region}`);
    await call('', 'POST', legacy, { keyless: true, publicKey: other });
    for (const sent of [{ keyless: true, dryRun: true }, { keyless: true }])
      await call('adoptEcsKeyPair', 'POST', legacy, sent);
    await admin.addStranger({ service: 'ens', name: 'legacy-edge', publicKey });
    await call('', 'POST', adoption('ens', 'legacy-edge', ''), { keyless: true });
    for (const _ of [201, 200])
      await call('adoptEnsKeyPair', 'POST', adoption('ens', 'legacy-edge', ''), { keyless: true, publicKey });
    await admin.addStranger({ service: 'cvm', region: 'ap-tokyo', name: 'legacy_web', publicKey: other });
    const cvm = adoption('cvm', 'legacy_web', '?region=ap-tokyo');
    for (const _ of [201, 200]) await call('adoptCvmKeyPair', 'POST', cvm, { keyless: true, projectId: 0 });
  }

  /** A pair that an instance keeps lingers after its rotation. */
  async function lingering(): Promise<void> {
    await ask('POST', '/v1/ecs/key-pairs', { name: 'held', region });
    const { admin } = clouds;
    await admin.fleet.addInstance({ service: 'ecs', region, keyPair: 'held' });
    await call('', 'POST', pair('held', '/lingering/00000000-0000-4000-8000-000000000000/release'));
    await ask('PUT', pair('held', '/policy'), { overlapDays: 0 });
    await call('', 'POST', pair('held', '/rotations'));
    let seen: Body = {};
    await until(async () => {
      seen = (await ask('GET', pair('held'))).body;
      return seen.lingering !== undefined;
    });
    const [{ id: version }] = seen.lingering as [{ id: string }];
    const release = pair('held', `/lingering/${version}/release`);
    const asked = await call('releasePair', 'POST', release);
    await call('', 'POST', release, { confirmation: 'of something else' });
    await call('releasePair', 'POST', release, { confirmation: asked.confirmation });
  }

  async function refusals(): Promise<void> {
    const vend = '/v1/ecs/key-pairs';
    await call('', 'POST', vend, { name: 'no name', region });
    await call('', 'POST', vend, { name: 'web', region, size: 4096 });
    await call('', 'POST', vend, { name: 'web' });
    await call('', 'POST', vend, { name: 'web', region, account: 'other' });
    await call('', 'POST', vend, { ...web, tags: {} });
    await call('', 'POST', vend, { name: 'web', region, tags: { note: 'x'.repeat(20_000) } });
    await call('', 'GET', pair('nothing'));
    await call('', 'GET', '/v1/nothing');
    await call('', 'POST', vend, web, { 'content-type': 'text/plain' });
    await call('', 'POST', vend, { name: 'once', region }, { 'idempotency-key': 'one' });
    await call('', 'POST', vend, { name: 'twice', region }, { 'idempotency-key': 'one' });
    await call('', 'GET', pair('web:prod'), undefined, { authorization: `Bearer ${auditor}` });
    await call('', 'GET', pair('web:prod'), undefined, { authorization: 'Bearer none' });
    const { status, body } = { status: 0, body: await (await fetch(`${url}/v1/key-pairs`)).json() };
    if (status === 0) problems.TOKEN_MISSING = body;
  }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries += 1) {
    if (tries === 600) throw new Error('it did not come to that');
    await wait(100);
  }
}
