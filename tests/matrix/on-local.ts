// `npm start` as a process of its own, over clouds that stay; messages wait in the queues that it starts.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Child, start } from '../../bench/chaos/children.ts';
import { OPEN } from '../../lib/access/access-document.ts';
import { queueKeyIn } from '../../local/stack/queue-signature.ts';
import { REGION } from '../../local/stack/queues.ts';
import { around, fresh } from './around.ts';
import type { Cell } from './cells.ts';
import { answeredBy, region, type Subject } from './subject.ts';

export async function onLocal(cell: Cell): Promise<Subject> {
  const here = await around(cell);
  const home = join(here.folder, 'home');
  const { endpoint, credentials } = here.clouds;
  writeFileSync(join(here.folder, 'clouds.json'), JSON.stringify({ endpoint, ...credentials }), { mode: 0o600 });
  const environment = {
    ...{ ...here.environment, KEYVEND_HOME: home, KEYVEND_ACCESS: OPEN, PORT: '0', KEYVEND_RECOVERY_MS: '500' },
    ...{ KEYVEND_CLOUDS: join(here.folder, 'clouds.json'), KEYVEND_CLOUDS_CA: join(here.folder, 'ca.pem') },
  };
  const children: Child[] = [];
  let [url, queues] = ['', ''];
  const begin = async () => {
    const child = start('local/start.ts', [], environment);
    children.push(child);
    const ready = child.said(/^ready (http:\S+)$/);
    const listed = child.said(/^queues .*?: (http:\S+)\/keyvend-ens/);
    await child.said(/^clouds: /);
    [[, url = ''], [, queues = '']] = await Promise.all([ready, listed]);
  };
  const stop = async () => {
    for (const child of children) await child.kill('SIGKILL');
    await here.stop();
  };
  await begin().catch((error) => stop().then(() => Promise.reject(error)));
  const token = () => readFileSync(join(home, 'token'), 'utf8').trim();
  return {
    ...{ clouds: here.clouds, hostAddress: '127.0.0.1', stop, turn: async () => {} },
    // Its deployment has a name of its own.
    store: { ...here.store, reader: () => ({ ...here.store.reader(), KEYVEND_DEPLOYMENT: 'local' }) },
    ask: (...words) => answeredBy(url, token(), ...words),
    async deliver() {
      const name = fresh('queued');
      const client = new SQSClient({
        ...{ endpoint: new URL(queues).origin, region: REGION },
        credentials: queueKeyIn(readFileSync(join(home, 'queue-credentials'), 'utf8')),
      });
      const MessageBody = JSON.stringify({ provider: 'ecs', name, region });
      await client.send(new SendMessageCommand({ QueueUrl: `${queues}/keyvend-ecs`, MessageBody }));
      client.destroy();
      return [{ by: 'SQS', name }];
    },
    kill: () => children.at(-1)!.kill('SIGKILL'),
    again: async () => {
      await begin();
      return 0;
    },
    printed: () => children.map((child) => child.printed()).join(''),
  };
}
