// `npm run demo`: keyvend and its clouds on this machine; a key pair vended on each provider over HTTP and one through the
// queue, each stored key proved with the real ssh-keygen. Leaves nothing behind.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Identity } from '../../lib/identity.ts';
import { readersStore } from '../../lib/platforms/readers-store.ts';
import { ACCOUNT, REGION } from '../stack/queues.ts';
import { startStack } from '../stack/stack.ts';
import { saidOf } from './ask-ssh-keygen.ts';
import { fetchHere } from './fetch-here.ts';
import { passingFolder } from './passing-folder.ts';

const say = (line = '') => process.stdout.write(`${line}\n`);
process.env.POWERTOOLS_LOG_LEVEL ??= 'SILENT';

const home = passingFolder();
const stack = await startStack({ port: 0, cloudsPort: 0, home });
const authorization = `Bearer ${stack.token}`;
say(`keyvend at ${stack.endpoint}, its clouds at ${stack.clouds.endpoint}`);

await overHttp('ens', { name: 'edge-gateway' });
await overHttp('ecs', { name: 'web:prod', region: 'cn-hangzhou', tags: { team: 'platform' } });
await overHttp('cvm', { name: 'web_prod', region: 'ap-tokyo', projectId: 0 });
await overQueue('ecs', { provider: 'ecs', name: 'batch-job', region: 'cn-hangzhou' });

await stack.stop();

type Body = { readonly name: string; readonly region?: string; readonly [more: string]: unknown };

async function overHttp(provider: Identity['provider'], body: Body): Promise<void> {
  const headers = { authorization, 'content-type': 'application/json' };
  const url = `${stack.endpoint}/v1/${provider}/key-pairs`;
  const answer = await fetchHere(url, { method: 'POST', headers, body: JSON.stringify(body) });
  say(`\nPOST /v1/${provider}/key-pairs ${JSON.stringify(body)}`);
  say(`  ${answer.status} ${await answer.text()}`);
  await prove(provider, body);
}

async function overQueue(provider: Identity['provider'], body: Body): Promise<void> {
  const client = new SQSClient({ endpoint: stack.queueEndpoint, region: REGION, credentials: stack.queueKey });
  const QueueUrl = `${stack.queueEndpoint}/${ACCOUNT}/keyvend-${provider}`;
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(body) }));
  client.destroy();
  say(`\nqueue keyvend-${provider} <- ${JSON.stringify(body)}`);
  const url = `${stack.endpoint}/v1/${provider}/key-pairs/${encodeURIComponent(body.name)}?region=${body.region}`;
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await fetchHere(url, { headers: { authorization } });
    const { state, versions } = (await answer.json()) as { state?: string; versions?: { keyPairId: string }[] };
    if (state === 'active') {
      say(`  ${state} as ${versions?.[0]?.keyPairId}`);
      return prove(provider, body);
    }
    await wait(100);
  }
  throw new Error('the message was not taken');
}

/** What `npx keyvend key` reads from the store, and what ssh-keygen says of it. */
async function prove(provider: Identity['provider'], { name, region = 'global' }: Body): Promise<void> {
  const store = await readersStore({ KEYVEND_HOME: home });
  const key = await store.reveal({ provider, account: 'default', region, name });
  await store.close();
  const file = join(home, 'key');
  await writeFile(file, key?.reveal() ?? '', { mode: 0o600 });
  const said = saidOf(file);
  await rm(file);
  say(`  ssh-keygen -l: ${said.line}`);
  if (said.refused) process.exitCode = 1;
}
