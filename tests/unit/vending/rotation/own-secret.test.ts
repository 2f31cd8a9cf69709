// A store that keeps few versions of a secret: the key of a pair that lingers moves to a secret of its own, and stays stored.
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../../lib/clock.ts';
import { VendingError } from '../../../../lib/errors.ts';
import type { Hosts } from '../../../../lib/hosts/hosts.ts';
import type { Identity } from '../../../../lib/identity.ts';
import { providerNames, rowOf } from '../../../../lib/provider-table.ts';
import { parsePrivateKey } from '../../../../lib/ssh/private-key.ts';
import { lookAtLedger } from '../../../../lib/vending/ledger-look.ts';
import { ownerOf, ownSecretOf, revealKey } from '../../../../lib/vending/own-secret.ts';
import { reconcile } from '../../../../lib/vending/reconcile.ts';
import { recover } from '../../../../lib/vending/recover.ts';
import { restore, retire } from '../../../../lib/vending/retire.ts';
import { advance } from '../../../../lib/vending/rotation/advance.ts';
import type { Policy } from '../../../../lib/vending/rotation/policy.ts';
import { requestRotation, setPolicy } from '../../../../lib/vending/rotation/rotation-commands.ts';
import type { RotationPorts } from '../../../../lib/vending/rotation/rotation-ports.ts';
import { settle } from '../../../../lib/vending/settle.ts';
import type { Script } from '../../../doubles/dies-after.ts';
import { fakeHost } from '../../../hosts/fake-host.ts';
import { rotated } from './world.ts';

/** @param most how many versions a secret keeps; of one more, the oldest is dropped */
async function crowded(most: number, provider: (typeof providerNames)[number] = 'ecs', over: Partial<Policy> = {}) {
  const here = await rotated(provider, undefined, over);
  here.storeLimits.most = most;
  const by = (script?: Script, hosts?: Hosts): RotationPorts => {
    const ports = here.worker(script, hosts);
    const defaults = { ...ports.rotation.defaults, mostVersions: most };
    return { ...ports, rotation: { ...ports.rotation, defaults } };
  };
  const usual = by();
  const asks = () => requestRotation(usual, here.identity, { caller: 'test' });
  /** Workers come once a day, and a minute later. */
  async function days(count: number, ports = usual): Promise<void> {
    for (let day = 0; day < count; day += 1) {
      here.clock.advance(DAY_MS);
      await works(ports);
    }
  }
  async function works(ports = usual): Promise<void> {
    for (let again = 0; again < 2; again += 1) {
      await advance(ports, here.identity, here.soon(), (error) => void here.failures.push(error)).catch(
        (error: unknown) => void here.failures.push(error),
      );
      here.clock.advance(60_000);
    }
    await recover(usual, { until: here.soon() });
  }
  /** An instance keeps the pair that counts, and that is rotated. */
  async function replaced(instance: string, ports = usual): Promise<void> {
    await here.attach(instance);
    await asks();
    await works(ports);
    here.clock.advance(8 * DAY_MS);
    await works(ports);
  }
  const shared = async () => ((await here.store.find(here.identity))?.versions ?? []).map(({ id }) => id);
  const stored = async () => (await here.store.list()).secrets.map(({ identity }) => identity.name).sort();
  return { ...here, by, ports: usual, asks, works, days, replaced, shared, stored };
}
type Crowded = Awaited<ReturnType<typeof crowded>>;

async function expectAllRevealed({ recordOf, store }: Crowded): Promise<void> {
  const record = await recordOf();
  for (const { id, publicKey } of record.versions) {
    const key = await revealKey(store, record, id);
    expect(key && parsePrivateKey(key).publicKey).toBe(publicKey);
  }
}

const movedOf = async ({ recordOf }: Crowded) =>
  (await recordOf())
    .outgoing!.pairs.filter(({ ownSecret }) => ownSecret?.state === 'moved')
    .map((one) => one.versionId);

describe.each(providerNames)('where a store keeps 17 keys of a key pair on %s', (provider) => {
  it('25 old pairs linger, every key is stored, rotation goes on, and nothing is left when they are let go', async () => {
    const here = await crowded(17, provider);
    for (let i = 1; i <= 25; i += 1) await here.replaced(`i-${i}`);
    expect(here.failures).toEqual([]);
    expect((await here.recordOf()).versions).toHaveLength(26);
    await expectAllRevealed(here);
    expect((await here.shared()).length).toBeLessThanOrEqual(15);
    // The reference in the metadata is where the key is.
    const record = await here.recordOf();
    for (const id of await movedOf(here))
      expect(record.versions.find((version) => version.id === id)!.secretReference).toBe(
        (await here.store.find(ownSecretOf(here.identity, id)))!.reference,
      );

    const findings = await reconcile(here.ports, here.identity);
    expect(findings.map(({ kind }) => kind)).toEqual(findings.map(() => 'matched'));
    expect(await lookAtLedger(here.ports)).toMatchObject({ unrecordedSecrets: 0 });

    for (let i = 1; i <= 25; i += 1) here.cloud.release(`i-${i}`);
    await here.days(3);
    expect((await here.recordOf()).versions).toHaveLength(1);
    expect((await here.recordOf()).outgoing).toBeUndefined();
    expect(await here.stored()).toEqual([here.identity.name]);
    expect(here.cloud.pairs).toHaveLength(1);
  });
});

describe('a key that has moved', () => {
  it('is removed with the rest when its key pair is retired and purged', async () => {
    const here = await crowded(3);
    await here.replaced('i-1');
    expect(await movedOf(here)).toHaveLength(1);
    expect(await here.stored()).toHaveLength(2);
    here.cloud.release('i-1');
    await retire(here.ports, here.identity, 'test');
    await here.days(32);
    expect(await here.recordOf()).toMatchObject({ state: 'vacant' });
    expect(await here.stored()).toEqual([]);
    expect(here.cloud.pairs).toEqual([]);
  });

  it('is still there when its key pair is restored', async () => {
    const here = await crowded(3);
    await here.replaced('i-1');
    await retire(here.ports, here.identity, 'test');
    await here.days(10);
    await restore(here.ports, here.identity);
    await here.days(2);
    await expectAllRevealed(here);
    expect(here.cloud.pairs).toHaveLength(2);
  });

  it('still catches up a host that is listed late and knows no other', async () => {
    const here = await crowded(3);
    const [first] = (await here.recordOf()).versions;
    const host = fakeHost(`${first!.publicKey} app\n`);
    const ports = here.by({}, { login: (...given) => host.login(...given) });
    await here.replaced('i-1', ports);
    expect(await movedOf(here)).toEqual([first!.id]);
    await setPolicy(ports, here.identity, {
      hosts: [{ host: 'late.example', port: 22, user: 'app', hostKeys: ['SHA256:x'] }],
    });
    await here.days(1, ports);
    expect(host.text).toBe(`${(await here.recordOf()).versions.at(-1)!.publicKey} app\n`);
  });

  it('keeps its pair from being deleted when the ledger is put back to before it was acknowledged', async () => {
    const here = await crowded(3);
    await here.replaced('i-1');
    here.cloud.release('i-1');
    const before = await here.recordOf();
    const [first] = before.versions;
    const filed = (await here.ledger.read(here.identity))!;
    const lease = { holder: 'long gone', endsAtMs: here.clock.wallMs() - DAY_MS };
    const attempt = { id: first!.id, lease, createdByMs: lease.endsAtMs };
    const { rotations: _, outgoing: __, rotateAtMs: ___, ...rest } = before;
    const open = { ...rest, state: 'vending', versions: [], attempt, settleAtMs: here.clock.wallMs() } as const;
    const revision = (await here.ledger.write(open, filed.revision)) as number;
    const provider = await here.ports.providerFor(here.identity);
    await settle(here.ports, provider, { record: open, revision });
    expect((await here.recordOf()).state).toBe('conflict');
    expect(here.cloud.pairs.map(({ id }) => id)).toContain(first!.keyPairId);
  });
});

describe('a key that cannot be moved', () => {
  it('stays where it is, and the next rotation waits, also by age, until it can be moved', async () => {
    const here = await crowded(3, 'ecs', { maxAgeDays: 30 });
    const { put } = here.store;
    let isFull = true;
    here.store.put = async (at, ...rest) => {
      if (isFull && at.name !== here.identity.name) throw new VendingError('STORE_REFUSED', 'No more secrets');
      return put.call(here.store, at, ...rest);
    };
    for (let i = 1; i <= 2; i += 1) await here.replaced(`i-${i}`);
    expect(here.failures[0]).toMatchObject({ code: 'STORE_REFUSED' });
    await expect(here.asks()).rejects.toMatchObject({ code: 'ROTATION_WAITS' });
    await here.days(60);
    expect(await here.shared()).toHaveLength(3);
    await expectAllRevealed(here);

    isFull = false;
    here.failures.length = 0;
    await here.days(2);
    expect(await movedOf(here)).toHaveLength(2);
    expect((await here.recordOf()).rotations!.at(-1)).toMatchObject({ reason: 'age' });
    await expectAllRevealed(here);
    expect(here.failures).toEqual([]);
  });

  it('keeps no other key where it is', async () => {
    const here = await crowded(4);
    const [first] = (await here.recordOf()).versions;
    const { reveal } = here.store;
    here.store.reveal = async (at, id) => (id === first!.id ? undefined : reveal.call(here.store, at, id));
    for (let i = 1; i <= 3; i += 1) await here.replaced(`i-${i}`);
    expect(here.failures[0]).toMatchObject({ code: 'KEY_UNREADABLE' });
    expect(await here.shared()).toContain(first!.id);
    expect(await movedOf(here)).toHaveLength(2);
    await here.asks();
  });
});

describe('a worker that dies while it moves a key', () => {
  it('leaves it stored, whichever step it was, and the next one ends what it began', async () => {
    for (let dies = 1; ; dies += 1) {
      const here = await crowded(3);
      await here.attach('i-1');
      await here.asks();
      let step = 0;
      let isOver = false; // the overlap
      let isMoving = false;
      const ports = here.by({
        after: async (_step, call) => {
          if (isOver && call === 'store.reveal') isMoving = true;
          if (isMoving && ++step === dies) throw new VendingError('CANCELLED', 'It is ended');
        },
      });
      await here.works(ports);
      here.clock.advance(8 * DAY_MS);
      isOver = true;
      await here.works(ports);
      if (step < dies) {
        expect(dies).toBeGreaterThan(8);
        return;
      }
      await expectAllRevealed(here);
      await here.days(2);
      expect(await movedOf(here)).toHaveLength(1);
      here.cloud.release('i-1');
      await here.days(3);
      expect(await here.stored()).toEqual([here.identity.name]);
    }
  });
});

describe('the name of such a secret', () => {
  it('is read back as whose it is, and is none that a key pair can have', () => {
    const web: Identity = { provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'web:prod' };
    const id = '7f3d1c52-6f0a-4a58-9b0e-0c9b1f6d2a11';
    expect(ownerOf(ownSecretOf(web, id))).toEqual({ owner: web, versionId: id });
    expect(ownerOf(web)).toEqual({ owner: web });
    for (const provider of providerNames) expect('a@b').not.toMatch(rowOf(provider).name.pattern);
  });
});
