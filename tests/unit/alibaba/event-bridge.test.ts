// What counts as taken by a bus, and what is said where an event was not.
import { describe, expect, it } from 'vitest';
import { type BusEvent, busPublisher } from '../../../lib/alibaba/event-bridge.ts';
import { Secret } from '../../../lib/secret.ts';
import { NoAnswer, type Transport } from '../../../lib/transport/wire.ts';

const event: BusEvent = {
  ...{ id: 'a1', source: 'urn:keyvend:main', type: 'keyvend.key-pair.vended', subject: 'ecs/default/cn-hangzhou/web' },
  ...{ time: '2026-11-27T08:00:00.000Z', data: { name: 'web', publicKey: 'ssh-rsa AAAA+/= web & co' } },
};
const taken = {
  RequestId: 'r',
  Code: '200',
  Success: true,
  Data: { FailedEntryCount: 0, EntryList: [{ EventId: 'a1' }] },
};

type Answer = { status?: number; body: object | string } | NoAnswer;

/** Answers in turn; the last one again and again. */
function bus(...answers: Answer[]) {
  const sent: { origin: string; path: string; form: URLSearchParams; headers: Record<string, string> }[] = [];
  const transport: Transport = {
    async send({ origin, path, body, sign }) {
      const headers = sign(Date.parse('2026-11-27T08:00:00Z'));
      sent.push({ origin, path, form: new URLSearchParams(body.toString()), headers });
      const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
      if (answer instanceof NoAnswer) throw answer;
      const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
      return { status: answer.status ?? 200, headers: {}, body: Buffer.from(text) };
    },
    close() {},
  };
  const publish = busPublisher({
    ...{ transport, bus: 'ours', region: 'cn-hangzhou', wait: async () => {} },
    credentials: async () => ({ accessKeyId: 'id', accessKeySecret: new Secret('s'), securityToken: new Secret('t') }),
  });
  return { publish, sent };
}

describe('a bus of Alibaba EventBridge', () => {
  it('is sent the whole event in a signed form, at the host of its region', async () => {
    const { publish, sent } = bus({ body: taken });
    await publish(event);
    const [{ origin, path, form, headers }] = sent as [(typeof sent)[0]];
    expect([origin, path]).toEqual(['https://eventbridge.cn-hangzhou.aliyuncs.com', '/']);
    expect(headers).toMatchObject({
      'x-acs-action': 'PutEvents',
      'x-acs-version': '2020-04-01',
      'x-acs-security-token': 't',
    });
    expect(form.get('EventBusName')).toBe('ours');
    expect(JSON.parse(form.get('EventList')!)).toEqual([
      {
        ...{ Id: 'a1', Source: 'urn:keyvend:main', Type: 'keyvend.key-pair.vended', SpecVersion: '1.0' },
        ...{ Subject: 'ecs/default/cn-hangzhou/web', Time: '2026-11-27T08:00:00.000Z' },
        ...{ DataContentType: 'application/json', Data: event.data },
      },
    ]);
  });

  it.each<[string, object]>([
    ['one event without a code', taken],
    ['one event that says Success', { ...taken, Data: { EntryList: [{ EventId: 'a1', ErrorCode: 'Success' }] } }],
    ['no event that failed', { ...taken, Data: { FailedEntryCount: 0 } }],
    ['the fields of the older API', { RequestId: 'r', FailedEntryCount: 0, EntryList: [{ EventId: 'a1' }] }],
    ['a word for a success', { ...taken, Code: 'Success' }],
  ])('has taken the event where it answers %s', async (_, body) => {
    await expect(bus({ body }).publish(event)).resolves.toBeUndefined();
  });

  const failed = (ErrorCode: string) => ({
    FailedEntryCount: 1,
    EntryList: [{ ErrorCode, ErrorMessage: 'ssh-rsa AAAA' }],
  });
  it.each<[string, Answer, string]>([
    ['a failed event', { body: { ...taken, Data: failed('EventSizeExceeded') } }, 'EventSizeExceeded'],
    ['a failed event that is not counted', { body: { ...taken, Data: { ...failed('X'), FailedEntryCount: 0 } } }, 'X'],
    ['a code that is no word', { body: { ...taken, Data: failed('ssh-rsa AAAA+/=') } }, 'no answer about the event'],
    ['nothing about the event', { body: { ...taken, Data: {} } }, 'no answer about the event'],
    [
      'a refusal with status 200',
      { body: { Code: 'EventBusNotExist', Success: false } },
      'there is no such bus in this region',
    ],
    [
      'a refusal',
      { status: 403, body: { Code: 'ServiceAccessDenied' } },
      'EventBridge is not activated for this account',
    ],
    ['a success that is none', { body: { Code: '200', Success: false } }, '200'],
    ['a page', { status: 502, body: '<html>' }, 'HTTP 502'],
    ['silence', new NoAnswer('timeout', true), 'timeout'],
  ])('has not taken the event where it answers %s, and nothing of the answer is repeated', async (_, answer, why) => {
    await expect(bus(answer).publish(event)).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
      message: expect.stringContaining(`The event bus did not take the event: ${why}`),
    });
  });

  it('is asked again where it was too busy or did not answer, with the same event', async () => {
    const { publish, sent } = bus(
      { status: 429, body: { Code: 'TooManyRequests' } },
      new NoAnswer('connection', true, 'ECONNRESET'),
      { body: taken },
    );
    await publish(event);
    expect(sent.map(({ form }) => JSON.parse(form.get('EventList')!)[0].Id)).toEqual(['a1', 'a1', 'a1']);
    expect(new Set(sent.map(({ headers }) => headers['x-acs-signature-nonce'])).size).toBe(3);
  });

  it('is not asked again where it refused', async () => {
    const { publish, sent } = bus({ status: 403, body: { Code: 'AccessDenied' } });
    await expect(publish(event)).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    expect(sent).toHaveLength(1);
  });

  it('is not sent an event that it could not take', async () => {
    const { publish, sent } = bus({ body: taken });
    await expect(publish({ ...event, data: 'x'.repeat(64 * 1024) })).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
    });
    expect(sent).toHaveLength(0);
  });
});
