// A function that is ended in the middle of something: by its time limit, or because the machine under it went away.
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lackingPostgres } from '../doubles/postgres-server.ts';
import { nameOf, type Scene, scene } from './scene.ts';

const region = 'cn-hangzhou';
/** Longer than a lease and what is waited after it, because clocks differ. */
const LATER_MS = 10 * 60_000;

describe('a function that is ended while it vends', { timeout: 120_000 }, () => {
  if (lackingPostgres !== undefined) return it('leaves what is settled', (context) => context.skip(lackingPostgres));
  let here: Scene;
  let endNow = () => {};
  beforeAll(async () => {
    // The time limit is over when the test says so.
    here = await scene({
      limit: () =>
        new Promise((resolve) => {
          endNow = () => resolve(undefined);
        }),
    });
  }, 120_000);
  afterAll(() => here?.stop());
  const until = async (what: () => boolean | Promise<boolean>) => {
    while (!(await what())) await wait(20);
  };
  const vend = (name: string) => here.ask('POST', '/v1/ecs/key-pairs', { name, region });
  const pairs = (name: string) => here.clouds.admin.pairs('ecs').filter((pair) => pair.name === name);

  it.each([
    ['its time limit', 'late', LATER_MS],
    ['a kill', 'killed', 2 * LATER_MS],
  ])('by %s leaves an attempt that is settled, and then the name can be vended', async (by, name, afterMs) => {
    const stalls = { kind: 'stall', when: 'after-commit' } as const;
    here.clouds.admin.addFault({ match: { action: 'CreateKeyPair', name }, fault: stalls });
    const asked = vend(name);
    await until(() => pairs(name).length > 0);
    const [made] = pairs(name);
    if (by === 'a kill') await here.fc.get(nameOf('ecs')).kill();
    else endNow();
    const answer = await asked;
    expect(answer.status).toBe(502);
    if (by !== 'a kill') expect(answer.body).toEqual({ errorMessage: 'Function time out' });

    await here.later(afterMs, ['ecs', 'settle']);
    await until(async () => {
      await here.fc.get(nameOf('settle')).invoke('{"job":"settle"}');
      return pairs(name).length === 0;
    });
    expect((await vend(name)).status).toBe(201);
    expect(pairs(name)).toHaveLength(1);
    expect(pairs(name)[0]!.id).not.toBe(made!.id);
  });

  it('begins nothing that its own time limit does not allow', async () => {
    here.deploy('ecs', { timeoutSeconds: 3 });
    expect(await vend('in_a_hurry')).toMatchObject({ status: 503, body: { code: 'DEADLINE_PASSED' } });
    expect(pairs('in_a_hurry')).toEqual([]);
  });
});
