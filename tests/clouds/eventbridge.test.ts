// EventBridge as the official OpenAPI client calls it, and as keyvend's own publisher does.
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { busPublisher } from '../../lib/alibaba/event-bridge.ts';
import { systemClock } from '../../lib/clock.ts';
import { Secret } from '../../lib/secret.ts';
import { createTransport } from '../../lib/transport/transport.ts';
import type { AlibabaCredentials, Clouds } from '../../local/clouds/clouds.ts';
import { guardedServer } from '../../local/guard.ts';
import { openApiCall } from './support/sdks.ts';
import { started } from './support/started.ts';

const VERSION = '2020-04-01';
const entry = { Id: 'a1', Source: 'urn:keyvend:main', Type: 'keyvend.key-pair.vended', Data: { name: 'web' } };
const event = {
  ...{ id: 'a1', source: 'urn:keyvend:main', type: 'keyvend.key-pair.vended', subject: 'ecs/default/cn-hangzhou/web' },
  ...{ time: '2026-11-27T08:00:00.000Z', data: { name: 'web', publicKey: 'ssh-rsa AAAA+/= a & b' } },
};

async function withBus(options = {}): Promise<Clouds> {
  const clouds = await started(options);
  clouds.admin.events.addBus('ours');
  return clouds;
}

const client = (clouds: Clouds, credentials: AlibabaCredentials = clouds.credentials.alibaba) =>
  openApiCall(clouds, credentials, VERSION);
const put = (clouds: Clouds, entries: unknown, EventBusName = 'ours', credentials?: AlibabaCredentials) =>
  client(clouds, credentials)('PutEvents', {}, { EventBusName, EventList: JSON.stringify(entries) });

function publisher(clouds: Clouds, { accessKeyId, accessKeySecret, securityToken }: AlibabaCredentials) {
  const transport = createTransport({ clock: systemClock });
  onTestFinished(() => transport.close());
  const key = { accessKeyId, accessKeySecret: new Secret(accessKeySecret) };
  const credentials = { ...key, ...(securityToken && { securityToken: new Secret(securityToken) }) };
  return busPublisher({
    ...{ transport, bus: 'ours', region: 'cn-hangzhou', endpoint: clouds.endpoint, wait: async () => {} },
    credentials: async () => credentials,
  });
}

describe('the official client', () => {
  it('makes a bus, finds it, and puts events on it', async () => {
    const clouds = await started();
    const made = await client(clouds)('CreateEventBus', { EventBusName: 'ours', Description: 'keys' });
    expect(made).toMatchObject({ Code: '200', Success: true });
    expect(made.Data).toEqual({ EventBusARN: 'acs:eventbridge:cn-hangzhou:1000000000000001:eventbus/ours' });
    const listed = await client(clouds)('ListEventBuses', { NamePrefix: 'ou' });
    expect(listed.Data).toMatchObject({ Total: 1, EventBuses: [{ EventBusName: 'ours', Description: 'keys' }] });
    expect((await put(clouds, [entry, { ...entry, Id: 'a2' }])).Data).toMatchObject({
      ...{ FailedEntryCount: 0, EntryList: [{ EventId: 'a1' }, { EventId: 'a2' }] },
    });
    expect(clouds.admin.events.list('ours').map(({ id }) => id)).toEqual(['a1', 'a2']);
  });

  it('is refused with the words of the service for a bus that is not there', async () => {
    expect(await put(await started(), [entry])).toMatchObject({ Code: 'EventBusNotExist' });
    const strict = await started({ behaviour: { 'eventbridge.refusals': 'by-status' } });
    await expect(put(strict, [entry])).rejects.toMatchObject({ code: 'EventBusNotExist' });
  });

  it.each<[string, unknown, string]>([
    ['no list', { Id: 'a1' }, 'InvalidArgument'],
    ['an empty list', [], 'InvalidArgument'],
    ['an event without a source', [{ ...entry, Source: undefined }], 'InvalidArgument'],
    ['a time that is none', [{ ...entry, Time: 'soon' }], 'InvalidArgument'],
    ['a field that there is not', [{ ...entry, data: {} }], 'InvalidArgument'],
    ['17 events', Array.from({ length: 17 }, (_, i) => ({ ...entry, Id: `a${i}` })), 'EventCountExceedLimit'],
    ['an event of 65 KB', [{ ...entry, Data: 'x'.repeat(65 * 1024) }], 'EventSizeExceedLimit'],
    [
      '258 KB in all',
      Array.from({ length: 6 }, () => ({ ...entry, Data: 'x'.repeat(43 * 1024) })),
      'EventSizeExceedLimit',
    ],
  ])('is refused for %s, and nothing is put on the bus', async (_, entries, Code) => {
    const clouds = await withBus();
    expect(await put(clouds, entries)).toMatchObject({ Code });
    expect(clouds.admin.events.list()).toEqual([]);
  });

  it('is refused by whoever may not do it, with a wrong key, and when it comes too often', async () => {
    const clouds = await withBus({ limits: { 'eventbridge.requestsPerSecond': 2 } });
    const { alibaba, alibabaSts, alibabaExpired, alibabaUnpermitted } = clouds.credentials;
    await put(clouds, [entry], 'ours', alibabaSts);
    const refused = (credentials: AlibabaCredentials) => put(clouds, [entry], 'ours', credentials);
    await expect(refused(alibabaUnpermitted)).rejects.toMatchObject({ code: 'AccessDenied' });
    await expect(refused(alibabaExpired)).rejects.toMatchObject({ code: 'InvalidSecurityToken.Expired' });
    await expect(refused({ ...alibaba, accessKeySecret: 'x' })).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
    expect(clouds.admin.events.list()).toHaveLength(1);
  });

  it('is told to come again where there are too many of its calls', async () => {
    const clouds = await withBus({
      clock: { wallMs: () => 1_000_000_000_000, monotonicMs: () => 0 },
      ...{ limits: { 'eventbridge.requestsPerSecond': 1, 'alibaba.signatureWindowMs': Number.MAX_SAFE_INTEGER } },
    });
    await put(clouds, [entry]);
    await expect(put(clouds, [entry])).rejects.toMatchObject({ code: 'TooManyRequests' });
  });
});

describe("keyvend's publisher", () => {
  it('puts its event on the bus as a CloudEvent, with temporary credentials as well', async () => {
    const clouds = await withBus();
    await publisher(clouds, clouds.credentials.alibaba)(event);
    await publisher(clouds, clouds.credentials.alibabaSts)({ ...event, id: 'a2' });
    const [first, second] = clouds.admin.events.list('ours');
    expect(first).toMatchObject({ ...event, specversion: '1.0', aliyuneventbusname: 'ours' });
    expect(second).toMatchObject({ id: 'a2' });
  });

  it('says why the event was not taken', async () => {
    const none = await started();
    const publish = publisher(none, none.credentials.alibaba);
    const not = (why: string) => ({ code: 'QUEUE_UNAVAILABLE', message: expect.stringContaining(why) });
    await expect(publish(event)).rejects.toMatchObject(not('there is no such bus in this region'));
    none.admin.setBehaviour({ 'eventbridge.refusals': 'by-status' });
    await expect(publish(event)).rejects.toMatchObject(not('there is no such bus in this region'));
    none.admin.events.addBus('ours');
    none.admin.setBehaviour({ 'eventbridge.entries': 'failed' });
    await expect(publish(event)).rejects.toMatchObject(not('InternalError'));
  });

  it.each([[{ 'eventbridge.code': 'Success' }], [{ 'eventbridge.entryCode': 'Success' }]] as const)(
    'takes either word for a success: %j',
    async (behaviour) => {
      const clouds = await withBus({ behaviour });
      await publisher(clouds, clouds.credentials.alibaba)(event);
      expect(clouds.admin.events.list()).toHaveLength(1);
    },
  );

  it.each([
    ['before', 'drop', 1],
    ['after', 'drop', 2],
    ['before', 'server-error', 1],
    ['after', 'server-error', 2],
  ] as const)(
    'tries again, under the same id, where the answer was lost %s the event was taken (%s)',
    async (when, kind, events) => {
      const clouds = await withBus();
      clouds.admin.addFault({
        match: { service: 'eventbridge', action: 'PutEvents', name: 'ours' },
        fault: { kind, when: `${when}-commit` },
      });
      await publisher(clouds, clouds.credentials.alibaba)(event);
      expect(clouds.admin.events.list().map(({ id, source }) => [id, source])).toEqual(
        Array.from({ length: events }, () => ['a1', 'urn:keyvend:main']),
      );
    },
  );

  it('tries again where it is throttled, and no answer counts as one that is cut in half', async () => {
    const clouds = await withBus();
    clouds.admin.addFault({ match: { service: 'eventbridge' }, fault: { kind: 'throttle' } });
    clouds.admin.addFault({ match: { service: 'eventbridge' }, fault: { kind: 'refuse', code: 'TooManyRequests' } });
    await publisher(clouds, clouds.credentials.alibaba)(event);
    expect(clouds.admin.events.list()).toHaveLength(1);
    clouds.admin.addFault({ match: { service: 'eventbridge' }, fault: { kind: 'missing-field', field: 'Data' } });
    await expect(publisher(clouds, clouds.credentials.alibaba)(event)).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
    });
    clouds.admin.addFault({ match: { service: 'eventbridge' }, fault: { kind: 'error-in-200', code: 'AccessDenied' } });
    await expect(publisher(clouds, clouds.credentials.alibaba)(event)).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
    });
  });
});

describe('a rule', () => {
  it('hands on what fits its pattern, and tries what failed until it is a dead letter', async () => {
    const clouds = await withBus();
    const got: unknown[] = [];
    const target = async (one: object) => got.push(one) !== 1; // the first time fails
    clouds.admin.events.addRule({ bus: 'ours', pattern: { type: ['wanted', { prefix: 'also.' }] }, target });
    clouds.admin.events.addRule({ bus: 'ours', pattern: { type: ['wanted'] }, target: async () => false, tries: 2 });
    await put(clouds, [{ ...entry, Type: 'wanted' }, { ...entry, Type: 'also.this' }, entry]);
    expect(await clouds.admin.events.deliver()).toEqual({ delivered: 1, failed: 2, dead: 0 });
    expect(await clouds.admin.events.deliver()).toEqual({ delivered: 1, failed: 0, dead: 1 });
    expect(await clouds.admin.events.deliver()).toEqual({ delivered: 0, failed: 0, dead: 0 });
    expect(got).toHaveLength(3);
    expect(clouds.admin.events.deadLetters()).toMatchObject([{ id: 'a1', type: 'wanted', data: { name: 'web' } }]);
  });

  it('posts to a URL of this machine, and to no other', async () => {
    const posted: unknown[] = [];
    const server = await guardedServer(async (request, response) => {
      posted.push(await json(request));
      response.writeHead(204).end();
    });
    onTestFinished(() => void server.close());
    const clouds = await withBus();
    const admin = (path: string, body: object) =>
      fetch(`${clouds.endpoint}/admin/${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      });
    const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}/intake`;
    expect((await admin('event-rules', { bus: 'ours', target })).status).toBe(200);
    expect((await admin('event-rules', { bus: 'ours', target: 'https://example.com/' })).status).toBe(400);
    await put(clouds, [entry]);
    expect(await (await admin('event-deliveries', {})).json()).toEqual({ delivered: 1, failed: 0, dead: 0 });
    expect(posted).toMatchObject([{ id: 'a1', source: 'urn:keyvend:main', data: { name: 'web' } }]);
  });
});
