import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { RotatedEvent, VendedEvent } from '../../../lib/contract/events.ts';
import { announcementEvent } from '../../../lib/contract/make-event.ts';
import { KeyPairMetadata, metadataView } from '../../../lib/contract/metadata.ts';
import { RotationAnswer } from '../../../lib/contract/rotation-answer.ts';
import { rotationMessage } from '../../../lib/contract/rotation-message.ts';
import { rotationView } from '../../../lib/contract/rotation-view.ts';
import { failures } from '../../../lib/errors.ts';
import type { Identity } from '../../../lib/identity.ts';
import type { Version } from '../../../lib/vending/attempt.ts';
import type { KeyPairRecord } from '../../../lib/vending/record.ts';
import type { Rotation } from '../../../lib/vending/rotation/rotation-record.ts';
import { keys } from '../../doubles/key-pairs.ts';
import { rotationDefaults } from '../../doubles/rotation-defaults.ts';

const identity: Identity = { provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'web' };
const at = (ms: number) => new Date(ms).toISOString();
const version = (id: string, over: Partial<Version> = {}): Version => ({
  id,
  keyPairId: `ssh-${id}`,
  fingerprint: 'aa:bb',
  publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8m5Q3b8oEwQ0Vd8rPjG1b3Qk8T1k9aYpYc2x9b7uQz',
  evidence: 'agrees',
  secretReference: 'embedded:web',
  activatedAtMs: 1_000,
  ...over,
});
const rotation = (over: Partial<Rotation> = {}): Rotation => ({
  id: 'r1',
  state: 'staged',
  driver: 'keyvend',
  reason: 'requested',
  requestedBy: 'portal',
  requestedAtMs: 2_000,
  from: { id: 'one', keyPairId: 'ssh-one', fingerprint: 'aa:bb' },
  successorName: 'web_r2',
  hosts: {},
  waived: [],
  failures: 0,
  ...over,
});
const record = (over: Partial<KeyPairRecord> = {}): KeyPairRecord => ({
  identity,
  state: 'active',
  request: {},
  requestHash: 'x',
  requestedBy: 'portal',
  requestedAtMs: 500,
  versions: [version('one')],
  ...over,
});
const listed = ['a.example', 'b.example', '2001:db8::7'].map((host) => ({
  host,
  port: 22,
  user: 'root',
  hostKeys: [],
}));

describe('the answer about a rotation', () => {
  it('has every host that is listed, tried or not, and those that were listed before', () => {
    const hosts = {
      'root@a.example:22': { outcome: 'ok', atMs: 1, added: true, oldRemoved: true },
      'root@gone.example:22': { outcome: 'failed', code: 'LOGIN_REFUSED' },
    } as const;
    const now = rotation({ hosts, waived: ['root@b.example:22'] });
    const answer = rotationView(record({ policy: { hosts: listed } }), now, rotationDefaults);
    expect(RotationAnswer.parse(answer).hosts).toEqual([
      { host: 'root@a.example:22', outcome: 'ok', oldKeyRemoved: true },
      { host: 'root@b.example:22', outcome: 'unverified', waived: true },
      { host: 'root@[2001:db8::7]:22', outcome: 'unverified' },
      { host: 'root@gone.example:22', outcome: 'failed', code: 'LOGIN_REFUSED' },
    ]);
    const over = rotationView(record({ policy: { hosts: listed } }), { ...now, state: 'purged' }, rotationDefaults);
    expect(over.hosts.map(({ host }) => host)).toEqual(Object.keys(hosts));
  });

  it('has the successor once there is one, what failed last and what to do about it, and when it is tried again', () => {
    expect(RotationAnswer.parse(rotationView(record(), rotation(), rotationDefaults)).successor).toBeUndefined();
    const successor = version('two', { upstreamName: 'web_r2' });
    const lastError = { code: 'COVERAGE_MISSED', atMs: 3_000 } as const;
    const answer = rotationView(
      record(),
      rotation({ successor, lastError, failures: 2, nextTryAtMs: 4_000, promotedAtMs: 5_000, endedAtMs: 6_000 }),
      rotationDefaults,
    );
    expect(RotationAnswer.parse(answer)).toMatchObject({
      from: { keyPairId: 'ssh-one', fingerprint: 'aa:bb' },
      successor: { keyPairName: 'web_r2', keyPairId: 'ssh-two', fingerprint: 'aa:bb' },
      failures: 2,
      lastError: { code: 'COVERAGE_MISSED', detail: failures.COVERAGE_MISSED.next, at: at(3_000) },
      nextTryAt: at(4_000),
      promotedAt: at(5_000),
      endedAt: at(6_000),
    });
  });
});

describe('the metadata of a key pair', () => {
  it('says which pair counts and what each is called at the cloud', () => {
    const two = version('two', { upstreamName: 'web_r2', replaces: 'ssh-one' });
    const shown = metadataView(
      record({ versions: [version('one'), two], rotations: [rotation({ state: 'promoted' })] }),
    );
    const { versions, rotations } = KeyPairMetadata.parse(shown);
    expect(versions.map(({ id, keyPairName, current }) => ({ id, keyPairName, current }))).toEqual([
      { id: 'one', keyPairName: 'web', current: false },
      { id: 'two', keyPairName: 'web_r2', current: true },
    ]);
    expect(rotations).toEqual([{ id: 'r1', state: 'promoted' }]);
  });

  it('says whose successor a pair is, and until when a retired pair can be restored', () => {
    const successor = KeyPairMetadata.parse(metadataView(record({ successorOf: 'web' })));
    expect(successor).toMatchObject({ successorOf: 'web', versions: [{ current: false }] });
    const retirement = { requestedBy: 'me', requestedAtMs: 1_000, purgeAtMs: 2_000, work: { failures: 0 } };
    expect(KeyPairMetadata.parse(metadataView(record({ state: 'retired', retirement }))).retirement).toEqual({
      requestedBy: 'me',
      requestedAt: at(1_000),
      purgeAt: at(2_000),
    });
  });
});

describe('an announcement', () => {
  const pairs = keys.map(({ publicKey }, i) => ({
    ...{ keyPairId: `ssh-${i}`, keyPairName: i === 0 ? 'web' : `web_r${i + 1}`, fingerprint: 'aa:bb', publicKey },
    keySource: 'create' as const,
  }));
  const made = { id: 'two', identity, atMs: 1_000, ...pairs[1]! };

  it('says of the first pair that it was vended, and of one that replaces another that it was rotated', () => {
    const vended = VendedEvent.parse(announcementEvent('main', made));
    expect(vended).toMatchObject({ id: 'two', source: 'urn:keyvend:main', subject: 'ecs/default/cn-hangzhou/web' });
    expect(vended.time).toBe(at(1_000));
    const { publicKey } = made;
    const md5 = execFileSync('ssh-keygen', ['-l', '-E', 'md5', '-f', '-'], { input: publicKey, encoding: 'utf8' });
    expect(vended.data).toMatchObject({
      ...identity,
      name: 'web',
      keyPairName: 'web_r2',
      keyPairId: 'ssh-1',
      publicKey,
    });
    expect(md5).toContain(vended.data.fingerprints.md5);
    const rotated = { ...vended, type: 'keyvend.key-pair.rotated', data: { ...vended.data, replaces: 'ssh-0' } };
    expect(RotatedEvent.parse(announcementEvent('main', { ...made, rotated: true, replaces: 'ssh-0' }))).toEqual(
      rotated,
    );
    const whole = announcementEvent('main', { ...made, rotated: true, replaces: 'ssh-0', replaced: pairs[0]! });
    expect(RotatedEvent.parse(whole).data.replaced).toMatchObject(pairs[0]!);
    // The cloud told no id of the one before.
    expect(RotatedEvent.parse(announcementEvent('main', { ...made, rotated: true })).data).toEqual(vended.data);
  });
});

describe('a message in the queue of rotation', () => {
  it.each<[unknown, boolean]>([
    [{ provider: 'ecs', region: 'cn-hangzhou', name: 'web:prod', rotate: true }, true],
    [identity, true],
    [{ provider: 'ens', name: 'edge' }, true],
    [{ provider: 'ens', region: 'global', name: 'edge' }, true],
    [{ provider: 'ens', region: 'cn-hangzhou', name: 'edge' }, false],
    [{ provider: 'ecs', name: 'web' }, false],
    [{ ...identity, rotate: false }, false],
    [{ ...identity, colour: 'red' }, false],
    [{ ...identity, name: 'a/b' }, false],
    [{ ...identity, provider: 'gcp' }, false],
  ])('is checked against the schema: %j is valid: %s', (message, fits) =>
    expect(rotationMessage().safeParse(message).success).toBe(fits),
  );
});
