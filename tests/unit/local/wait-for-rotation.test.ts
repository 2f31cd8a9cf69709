// Waiting for a rotation, by a clock that moves when it is waited on.
import { describe, expect, it } from 'vitest';
import { VendingError } from '../../../lib/errors.ts';
import type { KeyPairRecord } from '../../../lib/vending/record.ts';
import type { Goal } from '../../../local/commands/command.ts';
import { waitForRotation } from '../../../local/wait-for-rotation.ts';
import { testClock } from '../../doubles/test-clock.ts';

type Said = object | VendingError | undefined;

/** @param states of the rotation, one for each time that it is read; the last one stays */
async function waited(states: readonly Said[], until: Goal = 'promoted', timeoutMs?: number) {
  const clock = testClock();
  const startMs = clock.wallMs();
  const lines: string[] = [];
  let reads = 0;
  const read = async () => {
    const said = states[Math.min(reads, states.length - 1)];
    reads += 1;
    if (said instanceof Error) throw said;
    const { outgoing, ...rotation } = { outgoing: undefined, ...said };
    const rotations = said === undefined ? [] : [{ id: 'r', hosts: {}, from: { id: 'v' }, ...rotation }];
    return { rotations, outgoing } as unknown as KeyPairRecord;
  };
  const wait = async (ms: number) => clock.advance(ms);
  const tell = (line: string) => void lines.push(line);
  const result = await waitForRotation({ read, id: 'r', until, timeoutMs, clock, wait, tell });
  return { result, lines, reads, tookMs: clock.wallMs() - startMs };
}

const stalled = { state: 'staged', stalledAtMs: 1, lastError: { code: 'COVERAGE_MISSED', atMs: 1 } };

describe('waiting for a rotation', () => {
  it('ends when the state is reached, or a later one, and says once what has changed', async () => {
    const states = [{ state: 'requested' }, { state: 'requested' }, { state: 'staged' }, { state: 'promoted' }];
    expect(await waited(states)).toEqual({
      result: 'reached',
      lines: ['requested', 'staged', 'promoted'],
      reads: 4,
      tookMs: 3_000,
    });
    expect(await waited([{ state: 'purged' }])).toMatchObject({ result: 'reached', tookMs: 0 });
    expect(await waited([{ state: 'promoted' }, { state: 'old-key-removed' }], 'old-key-removed')).toMatchObject({
      result: 'reached',
      reads: 2,
    });
  });

  it('says how many hosts are done, what fails and what lingers, with what to do', async () => {
    const hosts = { 'a@a:22': { outcome: 'ok' }, 'b@b:22': { outcome: 'failed' } };
    const outgoing = { pairs: [{ versionId: 'v', held: { code: 'KEY_PAIR_IN_USE' } }] };
    const { lines } = await waited([
      { state: 'staged', hosts, lastError: { code: 'COVERAGE_MISSED', atMs: 1 } },
      { state: 'promoted', hosts: { 'a@a:22': { outcome: 'ok', oldRemoved: true } } },
    ]);
    expect(lines).toEqual([
      expect.stringMatching(/^staged; 1 of 2 hosts done; COVERAGE_MISSED: Too few hosts are done\./),
      'promoted; 1 of 1 host rid of the old key',
    ]);
    const lingers = await waited([{ state: 'old-key-removed', outgoing }, { state: 'purged' }], 'purged');
    expect(lingers.lines[0]).toMatch(/^old-key-removed; the old pair lingers, KEY_PAIR_IN_USE: Instances have/);
  });

  it.each<[string, readonly Said[]]>([
    ['cancelled', [{ state: 'staged' }, { state: 'cancelling' }]],
    ['cancelled', [{ state: 'cancelled' }]],
    ['absent', [{ state: 'staged' }, undefined]],
    ['stalled', [stalled]],
    ['stalled', [{ ...stalled, nextTryAtMs: Number.MAX_SAFE_INTEGER }]],
  ])('ends when it will not come to it: %s', async (result, states) => {
    expect((await waited(states)).result).toBe(result);
  });

  it('goes on while one that is stalled is being tried, or about to be', async () => {
    const due = { ...stalled, nextTryAtMs: 0 };
    const leased = { ...stalled, nextTryAtMs: Number.MAX_SAFE_INTEGER, lease: { holder: 'h', endsAtMs: 1 } };
    expect(await waited([due, leased, { state: 'promoted' }])).toMatchObject({ result: 'reached', reads: 3 });
  });

  it('ends when its time is over, to the millisecond, and at once without any', async () => {
    expect(await waited([{ state: 'staged' }], 'promoted', 2_500)).toMatchObject({ result: 'timeout', tookMs: 2_500 });
    expect(await waited([{ state: 'staged' }], 'promoted', 0)).toMatchObject({ result: 'timeout', reads: 1 });
  });

  it('outlasts a ledger that cannot be had for a while, and nothing that does not pass', async () => {
    const down = new VendingError('LEDGER_UNAVAILABLE', 'Down');
    expect(await waited([down, down, { state: 'promoted' }])).toMatchObject({
      result: 'reached',
      lines: ['not read: LEDGER_UNAVAILABLE', 'promoted'],
    });
    expect(await waited([down], 'promoted', 5_000)).toMatchObject({ result: 'timeout' });
    await expect(waited([new VendingError('LEDGER_FENCED', 'x'), new TypeError('a bug')])).rejects.toThrow('a bug');
  });
});
