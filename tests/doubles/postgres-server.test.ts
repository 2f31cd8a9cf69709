import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lackingPostgres, postgresServer } from './postgres-server.ts';

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

describe('a PostgreSQL of a test', { timeout: 60_000 }, () => {
  beforeEach((context) => context.skip(lackingPostgres !== undefined, lackingPostgres));

  // A postmaster that is killed leaves its processes behind: they end when they next wait, and answer until then.
  it.each(['SIGINT', 'SIGKILL'] as const)('is gone whole once it is stopped by %s', async (signal) => {
    const server = await postgresServer();
    cleanUp.push(() => server.remove());
    const client = new Client({ connectionString: server.url });
    client.on('error', () => {}); // its end is what this is about
    await client.connect();
    const order: string[] = [];
    const answered = () => order.push('answered'); // or failed: there is nobody left who might answer
    const busy = client.query('SELECT count(*) FROM generate_series(1, 3000000)').then(answered, answered);
    await server.stop(signal);
    order.push('stopped');
    await busy;
    expect(order).toEqual(['answered', 'stopped']);
  });
});
