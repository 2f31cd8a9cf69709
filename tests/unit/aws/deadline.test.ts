// How long a request to AWS may be signed: a process that has lost its lease no longer stores or files anything.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { deadlineIn } from '../../../lib/clock.ts';
import { dynamoLedger } from '../../../lib/ledger/dynamodb/dynamodb-ledger.ts';
import { Secret } from '../../../lib/secret.ts';
import { awsStore } from '../../../lib/secrets/secrets-manager/aws-store.ts';
import { createTransport } from '../../../lib/transport/transport.ts';
import { NoAnswer, type Transport } from '../../../lib/transport/wire.ts';
import { testClock } from '../../doubles/test-clock.ts';

const web = { provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'web' } as const;
const id = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';

function started() {
  const clock = testClock();
  const dates: string[] = [];
  const transport: Transport = {
    close() {},
    async send({ sign }) {
      dates.push(sign(clock.wallMs())['x-amz-date'] ?? '');
      clock.advance(4_000); // the lease ends between two tries
      throw new NoAnswer('connection', true);
    },
  };
  const credentials = async () => ({ accessKeyId: 'AKIA', secretAccessKey: new Secret('secret') });
  const options = { transport, clock, region: 'eu-central-1', wait: async () => {}, credentials };
  const store = awsStore({ ...options, deployment: 'test' });
  return { clock, dates, store, ledger: dynamoLedger<never, object>({ ...options, table: 'ledger' }) };
}

describe.each([
  ['a key', 'STORE_UNAVAILABLE'],
  ['an attempt', 'LEDGER_UNAVAILABLE'],
])('a request to AWS that writes %s', (what, code) => {
  const sent = async (leftMs: number) => {
    const { clock, dates, store, ledger } = started();
    const until = deadlineIn(clock, leftMs);
    const work =
      what === 'a key' ? store.put(web, id, new Secret('key'), until) : ledger.fileAttempt(web, id, {}, until);
    const failure = await Promise.resolve(work).catch((error: unknown) => error);
    return { dates, failure };
  };

  it('is not sent once the deadline has passed, and reports that it had no effect', async () => {
    const { dates, failure } = await sent(0);
    expect(dates).toEqual([]);
    expect(failure).toMatchObject({ code, effect: 'none' });
  });

  it('is tried again only while there is time left, by the very clock reading that it is signed with', async () => {
    const { dates, failure } = await sent(5_000);
    expect(dates).toEqual(['20260301T120000Z', '20260301T120004Z']);
    expect(failure).toMatchObject({ code, effect: 'unknown' });
  });
});

it('a request to AWS that cannot be made is reported as one that was never sent', async () => {
  const clock = testClock();
  const options = { clock, region: 'eu-central-1', wait: async () => {}, transport: createTransport({ clock }) };
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const credentials = async () => ({
    accessKeyId: 'A',
    secretAccessKey: new Secret('s'),
    sessionToken: new Secret('a\nb'),
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const store = awsStore({ ...options, credentials, endpoint, deployment: 'test' });
  const failure = await store
    .put(web, id, new Secret('key'), deadlineIn(clock, 5_000))
    .catch((error: unknown) => error);
  server.close();
  options.transport.close();
  expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'none' });
});
