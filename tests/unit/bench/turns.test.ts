import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { accounted, atPort, inThreadPool } from '../../../bench/warm/turns.ts';

const compute = (ms: number) => {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
};
/** Or up to 100 ms more, because other processes have their turns too; a mistake makes 170 of a difference. */
const about = (ms: number) => ({ asymmetricMatch: (got: unknown) => Number(got) > ms - 2 && Number(got) < ms + 100 });

describe('the time of a request', () => {
  it('is its own where it computes, before and after a port, and not where it waits', async () => {
    const times = await accounted(async () => {
      compute(10);
      await atPort(200, () => {});
      compute(10);
    });
    expect(times).toEqual({ ownMs: about(20), beyondMs: about(20) });
  });

  it("is the ports' for what their stand-ins compute", async () => {
    const times = await accounted(async () => {
      compute(5);
      await atPort(10, () => compute(200));
    });
    expect(times).toEqual({ ownMs: about(5), beyondMs: about(5) });
  });

  it('has waits at the same time counted once', async () => {
    const times = await accounted(async () => {
      await Promise.all([atPort(200, () => {}), atPort(190, () => {})]);
      compute(10);
    });
    expect(times).toEqual({ ownMs: about(10), beyondMs: about(10) });
  });

  it('is not its own behind another request, but beyond the ports all the same', async () => {
    const [one, other] = await Promise.all([accounted(async () => compute(200)), accounted(async () => compute(5))]);
    expect(one).toEqual({ ownMs: about(200), beyondMs: about(200) });
    expect(other).toEqual({ ownMs: about(5), beyondMs: about(205) });
  });

  it('is not its own while the thread pool works, and is again afterwards', async () => {
    const times = await accounted(async () => {
      await inThreadPool(wait(200));
      compute(10);
    });
    expect(times).toEqual({ ownMs: about(10), beyondMs: about(210) });
  });

  it('ends with what the work throws', async () => {
    const failing = accounted(async () => {
      await atPort(1, () => {});
      throw new Error('it failed');
    });
    await expect(failing).rejects.toThrow('it failed');
  });
});
