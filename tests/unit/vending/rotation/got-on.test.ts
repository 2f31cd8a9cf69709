import { describe, expect, it } from 'vitest';
import type { KeyPairRecord } from '../../../../lib/vending/record.ts';
import { gotOn } from '../../../../lib/vending/rotation/got-on.ts';

const record = (over: object): KeyPairRecord =>
  ({ state: 'active', versions: [], ...over }) as unknown as KeyPairRecord;
const rotation = (over: object) => record({ rotations: [{ id: 'r', state: 'staged', hosts: {}, ...over }] });
const host = (over: object) => rotation({ hosts: { 'app@host:22': over } });
const outgoing = (over: object) => record({ outgoing: { pairs: [{ versionId: 'v' }], hosts: {}, ...over } });
const version = { id: 'v' };

describe('a try', () => {
  it.each<[string, KeyPairRecord, KeyPairRecord]>([
    ['the rotation is in a later state', rotation({}), rotation({ state: 'rolled-out' })],
    ['the successor is stored', rotation({ state: 'requested' }), rotation({ state: 'requested', successor: version })],
    ['a host was tried for the first time', rotation({}), host({ outcome: 'failed', atMs: 1 })],
    ['a host has the new line', host({ outcome: 'failed', atMs: 1 }), host({ outcome: 'ok', atMs: 2 })],
    ['a host lost the old line', host({ outcome: 'ok' }), host({ outcome: 'ok', oldRemoved: true })],
    ['a host lost the new line again', host({ outcome: 'unverified', added: true }), host({ outcome: 'unverified' })],
    ['a version is gone', record({ versions: [version] }), record({})],
    ['a pair is gone', outgoing({}), outgoing({ pairs: [{ versionId: 'v', goneAtMs: 1 }] })],
    ['a key is going', outgoing({}), outgoing({ pairs: [{ versionId: 'v', keyGoing: true }] })],
    ['a host is clear', outgoing({}), outgoing({ hosts: { 'app@host:22': { clear: 1 } } })],
    [
      'a host was looked at once more, as it is every day while a pair lingers',
      outgoing({ hosts: { 'app@host:22': { clear: 1, outcome: 'ok', atMs: 1 } } }),
      outgoing({ hosts: { 'app@host:22': { clear: 1, outcome: 'ok', atMs: 2 } } }),
    ],
    ['the pair that counted is gone', record({ retirement: {} }), record({ retirement: { goneId: 'v' } })],
  ])('got on if %s', (_, before, now) => {
    expect(gotOn(before, now)).toBe(true);
    expect(gotOn(now, before)).toBe(false);
    expect(gotOn(now, now)).toBe(false);
  });

  it.each<[string, KeyPairRecord, KeyPairRecord]>([
    [
      'a host refused once more',
      host({ outcome: 'failed', atMs: 1 }),
      host({ outcome: 'unverified', atMs: 2, missed: 1 }),
    ],
    ['a host was waived meanwhile', rotation({ waived: [] }), rotation({ waived: ['app@host:22'] })],
    [
      'a host that was looked at once more refused',
      outgoing({ hosts: { 'app@host:22': { clear: 1, outcome: 'ok', atMs: 1 } } }),
      outgoing({ hosts: { 'app@host:22': { clear: 1, outcome: 'failed', atMs: 2 } } }),
    ],
    ['another rotation was asked for', record({ rotations: [] }), rotation({})],
    ['a pair went out', record({}), outgoing({})],
    [
      'a delete was signed once more',
      outgoing({}),
      outgoing({ pairs: [{ versionId: 'v', purging: { versionId: 'v' } }] }),
    ],
  ])('did not get on if all there is to see is that %s', (_, before, now) => {
    expect(gotOn(before, now)).toBe(false);
  });
});
