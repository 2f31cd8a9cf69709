// The bundles of Lambda's functions, each in a process of its own, called as the gateway, queues and schedules call them.
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { bundle } from '../../deploy/bundle.ts';
import { OPEN } from '../../lib/access/access-document.ts';
import { providerNames } from '../../lib/provider-table.ts';
import { guardedServer } from '../../local/guard.ts';
import { ACCOUNT, REGION, startQueues } from '../../local/stack/queues.ts';
import { described } from '../../local/stack/routes.ts';
import { accessKeyId, secretAccessKey } from '../conformance/secret-aws-stand-in.ts';
import { type Running, startFunction } from '../deploy/run-function.ts';
import { farHost } from '../doubles/far-host.ts';
import { isSecretsManager } from '../doubles/stores-here.ts';
import { around, fresh, hostsIn } from './around.ts';
import type { Cell } from './cells.ts';
import { LATER_MS, region, type Subject } from './subject.ts';

const { routes } = described(new URL('../../serverless.yml', import.meta.url));
const QUEUES = ['keyvend-ecs', 'keyvend-rotation'] as const;

export async function onAws(cell: Cell): Promise<Subject> {
  const here = await around(cell);
  if (!isSecretsManager(here.store)) throw new TypeError('a bundle has Secrets Manager in it');
  for (const provider of providerNames)
    here.store.rules.act('CreateSecret', {
      ...{ Name: `keyvend-upstream/${provider}/default`, ClientRequestToken: randomUUID() },
      SecretString: JSON.stringify(here.upstream[provider]!.default),
    });
  const bus = await guardedServer((_, response) => void response.end('{"FailedEntryCount":0,"Entries":[]}'));
  const credentials = { accessKeyId, secretAccessKey };
  const queues = await startQueues(join(here.folder, 'queues'), QUEUES, credentials);
  const client = new SQSClient({ endpoint: queues.endpoint, region: REGION, credentials });
  const environment = {
    ...{ ...here.environment, KEYVEND_ACCESS: OPEN, KEYVEND_UPSTREAM_PREFIX: 'keyvend-upstream/', KEYVEND_BUS: 'bus' },
    AWS_ENDPOINT_URL_EVENTBRIDGE: `http://127.0.0.1:${(bus.address() as AddressInfo).port}`,
    AWS_ENDPOINT_URL_SQS: queues.endpoint,
    KEYVEND_ROTATION_QUEUE_URL: queues.url('keyvend-rotation'),
    ...{ ...hostsIn(farHost.network), NODE_OPTIONS: `--require ${JSON.stringify(farHost.file)}` },
    KEYVEND_TAKE_OVER_MS: '60000', // their clocks may differ
  };
  let aheadMs = 0;
  const functions = new Map<string, Promise<Running>>();
  const begin = async (handler: string): Promise<Running> => {
    const [name = ''] = handler.replace('functions/', '').split('.');
    await bundle(name, join(here.folder, 'functions'));
    return startFunction({ name: handler, handler, environment }, here.folder);
  };
  const call = async (handler: string, event: object): Promise<unknown> => {
    const running = functions.get(handler) ?? begin(handler);
    functions.set(handler, running);
    return (await running).call(event, /(queue|http)$/.test(handler) ? 29_000 : 300_000, aheadMs);
  };
  const ended = () =>
    Promise.all([...functions.values()].map(async (one) => (await one.catch(() => undefined))?.stop('SIGKILL')));

  /** As the mapping of a queue to its function does. */
  async function work(queue: (typeof QUEUES)[number], handler: string): Promise<void> {
    const QueueUrl = queues.url(queue);
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 30 }));
    for (const { MessageId, ReceiptHandle, Body } of Messages) {
      const record = { messageId: MessageId, receiptHandle: ReceiptHandle, body: Body };
      const eventSourceARN = `arn:aws:sqs:${REGION}:${ACCOUNT}:${queue}`;
      const answer = await call(handler, { Records: [{ ...record, eventSourceARN }] });
      if ((answer as { batchItemFailures: unknown[] }).batchItemFailures.length === 0)
        await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }

  return {
    ...{ clouds: here.clouds, store: here.store, hostAddress: farHost.address },
    async ask(method, path, body) {
      const [rawPath = '', rawQueryString = ''] = path.split('?');
      const handler = routes.find((one) => one.method === method && one.pattern.test(rawPath))?.handler;
      if (handler === undefined) throw new TypeError(`no function answers ${method} ${rawPath}`);
      const token = await here.issuer.token('operator', 2);
      const said = (await call(handler, {
        ...{ version: '2.0', rawPath, rawQueryString, requestContext: { http: { method } } },
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      })) as { statusCode: number; headers?: Record<string, string>; body: string };
      return { status: said.statusCode, headers: new Headers(said.headers), body: JSON.parse(said.body) };
    },
    async deliver() {
      const name = fresh('queued');
      const MessageBody = JSON.stringify({ provider: 'ecs', name, region });
      await client.send(new SendMessageCommand({ QueueUrl: queues.url('keyvend-ecs'), MessageBody }));
      await work('keyvend-ecs', 'functions/ecs.queue');
      return [{ by: 'SQS', name }];
    },
    async turn() {
      await call('functions/recovery.settle', {});
      if (aheadMs > 0) return; // the queues go by the clock of this machine, and take no message of later
      await call('functions/rotation.due', {});
      await work('keyvend-rotation', 'functions/rotation.worker');
    },
    kill: ended,
    async again() {
      functions.clear();
      aheadMs = LATER_MS;
      here.clouds.admin.setClockOffset(aheadMs);
      here.store.setAhead(aheadMs);
      return aheadMs;
    },
    printed: () => '',
    async stop() {
      await ended();
      client.destroy();
      await queues.stop();
      bus.close();
      bus.closeAllConnections();
      await here.stop();
    },
  };
}
