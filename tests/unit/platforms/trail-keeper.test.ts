import { afterEach, describe, expect, it, vi } from 'vitest';
import { trailKeeper } from '../../../lib/platforms/trail-output.ts';
import type { TrailEntry } from '../../../lib/vending/trail-entry.ts';

afterEach(() => vi.restoreAllMocks());

describe('the trail on AWS', () => {
  it('goes to the log, one entry a line, however little is logged otherwise', async () => {
    vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
    const lines: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
    const entry = { seq: 1, did: 'retired', who: 'portal', digest: 'd' } as TrailEntry;
    await trailKeeper()({ provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'web' }, [
      entry,
      { ...entry, seq: 2 },
    ]);
    vi.unstubAllEnvs();
    const logged = lines.map((line) => JSON.parse(line));
    expect(logged).toMatchObject([
      { message: 'trail', name: 'web', seq: 1 },
      { message: 'trail', name: 'web', seq: 2 },
    ]);
    expect(lines.every((line) => line.endsWith('\n'))).toBe(true);
  });
});
