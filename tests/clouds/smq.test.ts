// SMQ as its own Node client calls it, and the stream that hands a queue's messages to a function.
import { createHmac } from 'node:crypto';
import Mns from '@alicloud/mns';
import { describe, expect, it } from 'vitest';
import type { AlibabaCredentials, Clouds } from '../../local/clouds/clouds.ts';
import { started } from './support/started.ts';

const clientOf = (clouds: Clouds, credentials: AlibabaCredentials = clouds.credentials.alibaba) =>
  new Mns('1000000000000001', { ...credentials, endpoint: clouds.endpoint });

async function withQueue(options = {}) {
  const clouds = await started(options);
  const client = clientOf(clouds);
  await client.createQueue('requests', { VisibilityTimeout: 30 });
  return { clouds, client };
}
const refused = (code: string) => expect.objectContaining({ name: expect.stringContaining(`MNS${code}`) });

describe('the official client', () => {
  it('makes a queue, and again where it is the same; another one of its name is refused', async () => {
    const { client } = await withQueue();
    expect(await client.createQueue('requests', { VisibilityTimeout: 30 })).toMatchObject({ code: 204 });
    await expect(client.createQueue('requests', { VisibilityTimeout: 31 })).rejects.toEqual(
      refused('QueueAlreadyExist'),
    );
    const made = await client.createQueue('others');
    expect([made.code, made.headers.location]).toEqual([201, '/queues/others']);
    await expect(client.createQueue('1st')).rejects.toEqual(refused('InvalidQueueName'));
    await expect(client.createQueue('third', { VisibilityTimeout: 0 })).rejects.toEqual(refused('InvalidArgument'));
    expect(await client.deleteQueue('others')).toMatchObject({ code: 204 });
    await expect(client.getQueueAttributes('others')).rejects.toEqual(refused('QueueNotExist'));
  });

  it('sends a message, is handed it with all its characters, and deletes it', async () => {
    const { client } = await withQueue();
    const body = '{"name":"wéb &amp; \u{1f511}","x":1}';
    const sent = await client.sendMessage('requests', { MessageBody: `<![CDATA[${body}]]>` });
    expect([sent.code, sent.body.MessageBodyMD5]).toEqual([201, expect.stringMatching(/^[0-9A-F]{32}$/)]);
    const { body: message } = await client.receiveMessage('requests', 1);
    expect(message).toMatchObject({
      MessageId: sent.body.MessageId,
      MessageBody: body,
      DequeueCount: '1',
      Priority: '8',
    });
    expect(await client.deleteMessage('requests', message.ReceiptHandle!)).toMatchObject({ code: 204 });
    await expect(client.receiveMessage('requests')).rejects.toEqual(refused('MessageNotExist'));
  });

  it('has a message to itself until its time is up, and then its receipt is no good any more', async () => {
    const { clouds, client } = await withQueue();
    await client.sendMessage('requests', { MessageBody: 'one' });
    const first = (await client.receiveMessage('requests')).body.ReceiptHandle!;
    await expect(client.receiveMessage('requests')).rejects.toEqual(refused('MessageNotExist'));
    clouds.admin.advanceClock(30_000);
    await expect(client.deleteMessage('requests', first)).rejects.toEqual(refused('MessageNotExist'));
    const again = (await client.receiveMessage('requests')).body;
    expect(again.DequeueCount).toBe('2');
    await expect(client.deleteMessage('requests', first)).rejects.toEqual(refused('MessageNotExist'));
    await expect(client.deleteMessage('requests', 'x')).rejects.toEqual(refused('ReceiptHandleError'));
  });

  it('puts a message off by a receipt that the next one replaces', async () => {
    const { clouds, client } = await withQueue();
    await client.sendMessage('requests', { MessageBody: 'one' });
    const { ReceiptHandle: first } = (await client.receiveMessage('requests')).body;
    const { ReceiptHandle: next } = (await client.changeMessageVisibility('requests', first!, 600)).body;
    expect(next).not.toBe(first);
    clouds.admin.advanceClock(590_000);
    await expect(client.receiveMessage('requests')).rejects.toEqual(refused('MessageNotExist'));
    await expect(client.deleteMessage('requests', first!)).rejects.toEqual(refused('MessageNotExist'));
    expect(await client.deleteMessage('requests', next!)).toMatchObject({ code: 204 });
  });

  it('counts what waits, what was put off and what somebody has, and looks without taking', async () => {
    const { client } = await withQueue();
    for (const DelaySeconds of [0, 0, 60]) await client.sendMessage('requests', { MessageBody: 'x', DelaySeconds });
    expect((await client.peekMessage('requests')).body).not.toHaveProperty('ReceiptHandle');
    await client.receiveMessage('requests');
    const { body } = await client.getQueueAttributes('requests');
    expect([body.ActiveMessages, body.InactiveMessages, body.DelayMessages]).toEqual(['1', '1', '1']);
  });

  it('is handed several at once, the smallest priority number first', async () => {
    const { client } = await withQueue();
    for (const Priority of [8, 1, 16]) await client.sendMessage('requests', { MessageBody: `p${Priority}`, Priority });
    const { body } = await client.batchReceiveMessage('requests', 2);
    expect(body.map(({ MessageBody }) => MessageBody)).toEqual(['p1', 'p8']);
  });

  it('loses what was kept too long, and is refused what is too large', async () => {
    const { clouds, client } = await withQueue({ limits: { 'alibaba.signatureWindowMs': 7 * 24 * 3_600_000 } });
    await client.sendMessage('requests', { MessageBody: 'old' });
    clouds.admin.advanceClock(4 * 24 * 3_600_000);
    await expect(client.receiveMessage('requests')).rejects.toEqual(refused('MessageNotExist'));
    const large = client.sendMessage('requests', { MessageBody: 'x'.repeat(65_537) });
    await expect(large).rejects.toEqual(refused('InvalidArgument'));
    await expect(client.sendMessage('requests', {})).rejects.toEqual(refused('InvalidArgument'));
  });

  it('signs with temporary credentials too, and is refused with wrong ones', async () => {
    const { clouds } = await withQueue();
    const { alibaba, alibabaSts, alibabaExpired, alibabaUnpermitted } = clouds.credentials;
    const sending = (credentials: AlibabaCredentials) =>
      clientOf(clouds, credentials).sendMessage('requests', { MessageBody: 'x' });
    expect(await sending(alibabaSts)).toMatchObject({ code: 201 });
    await expect(sending(alibabaExpired)).rejects.toEqual(refused('StsAccessIdExpired'));
    await expect(sending(alibabaUnpermitted)).rejects.toEqual(refused('AccessDenied'));
    await expect(sending({ ...alibaba, accessKeySecret: 'x' })).rejects.toEqual(refused('SignatureDoesNotMatch'));
    await expect(sending({ ...alibaba, accessKeyId: 'nobody' })).rejects.toEqual(refused('InvalidAccessKeyId'));
    clouds.admin.advanceClock(16 * 60_000);
    await expect(sending(alibaba)).rejects.toEqual(refused('TimeExpired'));
  });

  it('learns by a lost answer nothing of what became of its message', async () => {
    const { clouds, client } = await withQueue();
    const match = { service: 'smq', action: 'SendMessage', name: 'requests' } as const;
    for (const when of ['before-commit', 'after-commit'] as const) {
      clouds.admin.addFault({ match, fault: { kind: 'drop', when } });
      await expect(client.sendMessage('requests', { MessageBody: when })).rejects.toThrow();
    }
    expect(clouds.admin.queues.bodies('requests')).toEqual(['after-commit']);
    clouds.admin.addFault({ match, fault: { kind: 'throttle' } });
    await expect(client.sendMessage('requests', { MessageBody: 'x' })).rejects.toEqual(refused('QpsLimitExceeded'));
  });
});

describe('a request that no client of its own sends', () => {
  const signed = (clouds: Clouds, method: string, path: string, over: Record<string, string> = {}, body = '') => {
    const { accessKeyId, accessKeySecret } = clouds.credentials.alibaba;
    const headers: Record<string, string> = { date: new Date().toUTCString(), 'x-mns-version': '2015-06-06', ...over };
    const own = Object.keys(headers)
      .filter((name) => name.startsWith('x-mns-'))
      .sort();
    const text = `${method}\n${headers['content-md5'] ?? ''}\n${headers['content-type'] ?? ''}\n${headers.date}\n${own.map((name) => `${name}:${headers[name]}\n`).join('')}${path}`;
    const signature = createHmac('sha1', accessKeySecret).update(text).digest('base64');
    const authorization = over.authorization ?? `MNS ${accessKeyId}:${signature}`;
    return fetch(`${clouds.endpoint}${path}`, {
      method,
      headers: { ...headers, authorization },
      ...(body !== '' && { body }),
    });
  };
  const xml = { 'content-type': 'text/xml' };

  it.each<[string, string, string, Record<string, string>, string, number, string]>([
    [
      'a version that there is not',
      'GET',
      '/queues/requests',
      { 'x-mns-version': '2014-01-01' },
      '',
      400,
      'InvalidVersionHeader',
    ],
    [
      'a digest of something else',
      'PUT',
      '/queues/x',
      { ...xml, 'content-md5': 'x' },
      '<Queue/>',
      400,
      'InvalidDigest',
    ],
    ['half a document', 'PUT', '/queues/x', xml, '<Queue><A>', 400, 'MalformedXML'],
    ['elements that are crossed', 'PUT', '/queues/x', xml, '<Queue><A></Queue></A>', 400, 'MalformedXML'],
    ['another path', 'GET', '/topics/x', {}, '', 400, 'InvalidRequestURL'],
    ['no receipt', 'DELETE', '/queues/requests/messages', {}, '', 400, 'MissingReceiptHandle'],
    [
      'an authorization of another kind',
      'GET',
      '/queues/requests',
      { authorization: 'Basic x' },
      '',
      400,
      'InvalidAuthorizationHeader',
    ],
  ])('is refused for %s', async (_, method, path, headers, body, status, code) => {
    const { clouds } = await withQueue();
    const answer = await signed(clouds, method, path, headers, body);
    const text = await answer.text();
    expect([answer.status, /<Code>(\w+)<\/Code>/.exec(text)?.[1]]).toEqual([status, code]);
    expect(answer.headers.get('x-mns-request-id')).toMatch(/^[0-9A-F]{24}$/);
  });
});

describe('the stream of a queue to a function', () => {
  const streaming = async (options = {}, ...bodies: string[]) => {
    const { clouds } = await withQueue();
    clouds.admin.queues.add('dead');
    for (const body of bodies) clouds.admin.queues.send('requests', body);
    const stream = clouds.admin.queues.stream('requests', { deadLetters: 'dead', ...options });
    const left = (name = 'requests') => clouds.admin.queues.bodies(name);
    return { clouds, stream, left };
  };

  it('hands on arrays of CloudEvents, even of one message, and forgets what was taken', async () => {
    const { stream, left } = await streaming({ count: 2 }, 'a', 'b', 'c');
    const first = stream.next()!;
    expect(first.events.map(({ data }) => data.messageBody)).toEqual(['a', 'b']);
    expect(first.events[0]).toMatchObject({
      ...{ type: 'mns:Queue:SendMessage', specversion: '1.0', source: 'MNS-requests' },
      subject: 'acs:mns:cn-hangzhou:1000000000000001:queues/requests',
    });
    expect(left()).toHaveLength(3);
    first.taken();
    expect(left()).toEqual(['c']);
    const second = stream.next()!;
    expect(second.events).toHaveLength(1);
    second.taken();
    expect(stream.next()).toBeUndefined();
  });

  it('repeats a whole batch that failed, with the same ids, and makes dead letters of it after three times', async () => {
    const { stream, left, clouds } = await streaming({ count: 2 }, 'a', 'b', 'c');
    const ids = () => {
      const batch = stream.next()!;
      return [batch.events.map(({ id }) => id), batch.failed()] as const;
    };
    const [first, second, third] = [ids(), ids(), ids()];
    expect(new Set([first[0], second[0], third[0]].map(String)).size).toBe(1);
    expect([first[1], second[1], third[1]]).toEqual(['again', 'again', 'dead']);
    expect(left('dead').map((text) => JSON.parse(text).data.messageBody)).toEqual(['a', 'b']);
    expect(left()).toEqual(['c']);
    clouds.admin.advanceClock(3_600_000);
    expect(stream.next()!.events.map(({ data }) => data.messageBody)).toEqual(['c']);
  });

  it('stops after such a batch where it does not tolerate errors', async () => {
    const { stream, left } = await streaming({ tries: 1, errorsTolerance: 'NONE' }, 'a', 'b');
    expect(stream.next()!.failed()).toBe('stopped');
    expect(stream.next()).toBeUndefined();
    expect([left(), left('dead')]).toEqual([['a', 'b'], []]);
  });

  it('undoes the base64 of a sender, unless it is told not to', async () => {
    const text = '{"provider":"ecs"}';
    const base64 = Buffer.from(text).toString('base64');
    const bodies = (stream: Awaited<ReturnType<typeof streaming>>['stream']) =>
      stream.next()!.events.map(({ data }) => data.messageBody);
    expect(bodies((await streaming({ count: 2 }, base64, text)).stream)).toEqual([text, text]);
    expect(bodies((await streaming({ decodes: false }, base64)).stream)).toEqual([base64]);
  });
});
