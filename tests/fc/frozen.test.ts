// A process that is frozen between two calls: what is held over that time, and what has become of it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lackingPostgres } from '../doubles/postgres-server.ts';
import { nameOf, type Scene, scene } from './scene.ts';

const region = 'cn-hangzhou';

describe('a function that is frozen after each call', { timeout: 120_000 }, () => {
  if (lackingPostgres !== undefined) return it('answers the next one', (context) => context.skip(lackingPostgres));
  let here: Scene;
  beforeAll(async () => {
    here = await scene();
  }, 120_000);
  afterAll(() => here?.stop());
  const vend = (name: string) => here.ask('POST', '/v1/ecs/key-pairs', { name, region });
  const ecs = () => here.fc.get(nameOf('ecs'));

  it('answers after a thaw, by the same process', async () => {
    expect((await vend('first')).status).toBe(201);
    const pid = ecs().instances[0]!.pid;
    expect(ecs().instances[0]!.isFrozen).toBe(true);
    expect((await vend('second')).status).toBe(201);
    expect(ecs().instances.map((one) => one.pid)).toEqual([pid]);
  });

  it('reads and writes after its connections to PostgreSQL were ended meanwhile', async () => {
    expect((await vend('before')).status).toBe(201);
    const ended = await here.query(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
    );
    expect(ended.length).toBeGreaterThan(0);
    expect((await vend('after')).status).toBe(201);
    expect((await here.ask('GET', `/v1/ecs/key-pairs/after?region=${region}`)).status).toBe(200);
  });

  it('answers several at a time by as many processes, or by one where it may have more', async () => {
    const four = () => Promise.all(['a', 'b', 'c', 'd'].map((name) => vend(`at_once_${name}`)));
    expect((await four()).map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(ecs().instances.length).toBeGreaterThan(1);
    await ecs().kill();
    here.deploy('ecs', { instanceConcurrency: 10 });
    expect((await vend('warm')).status).toBe(201);
    const shared = await Promise.all(['e', 'f', 'g', 'h'].map((name) => vend(`at_once_${name}`)));
    expect(shared.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(ecs().instances).toHaveLength(1);
  });

  it('is asked to end, gives back its connections, and another one takes its place', async () => {
    await ecs().stop();
    expect(ecs().instances).toEqual([]);
    expect(here.fc.printed()).toMatch(/FC PreStop End RequestId/);
    expect((await vend('afterwards')).status).toBe(201);
  });
});
