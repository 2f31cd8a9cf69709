// The management key of another pair is used where that pair's own policy says so, and nowhere else: whoever names a key in a
// policy must not decide where it logs in.
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../../lib/clock.ts';
import { VendingError } from '../../../../lib/errors.ts';
import type { Host, Hosts } from '../../../../lib/hosts/hosts.ts';
import type { Identity } from '../../../../lib/identity.ts';
import type { Secret } from '../../../../lib/secret.ts';
import { parsePrivateKey } from '../../../../lib/ssh/private-key.ts';
import { retire } from '../../../../lib/vending/retire.ts';
import { cancelRotation, setPolicy } from '../../../../lib/vending/rotation/rotation-commands.ts';
import { vend } from '../../../../lib/vending/vend.ts';
import { fakeHost } from '../../../hosts/fake-host.ts';
import { rotated } from './world.ts';

const hostAt = (port: number, over: Partial<Host> = {}): Host => ({
  host: 'host.example',
  port,
  user: 'app',
  hostKeys: ['SHA256:x'],
  ...over,
});

/** Two hosts on which the key's own line forces a command, and another key pair that may edit there. */
async function managed(managementLists: readonly Host[]) {
  const here = await rotated('ecs');
  const management: Identity = { ...here.identity, name: 'management' };
  await vend(here.ports, { identity: management, request: {}, caller: 'other team', deadline: here.soon() });
  await setPolicy(here.ports, management, { hosts: managementLists });
  const lines = await Promise.all(
    [here.identity, management].map(async (one) => (await here.recordOf(one)).versions[0]!.publicKey),
  );
  const fakes = [1, 2].map(() => fakeHost(`command="true" ${lines[0]} app\n${lines[1]} management\n`));
  /** Which host was logged in on with the management key. */
  const used: string[] = [];
  const logins: Hosts = {
    login(host, key: Secret, options) {
      if (parsePrivateKey(key).publicKey === lines[1]) used.push(`${host.user}@${host.host}:${host.port}`);
      return fakes[host.port - 1]!.login(host, key, options);
    },
  };
  /** Whose keys were taken out of the store. */
  const revealed: string[] = [];
  const plain = here.worker({}, logins);
  const reveal: typeof plain.store.reveal = (identity, version) => {
    revealed.push(identity.name);
    return plain.store.reveal(identity, version);
  };
  const ports = { ...plain, store: { ...plain.store, reveal } };
  await setPolicy(ports, here.identity, { hosts: [hostAt(1), hostAt(2)], managementKey: 'management' });
  await here.rotate();
  const codes = async () => Object.values((await here.rotation()).hosts).map(({ outcome, code }) => code ?? outcome);
  return { ...here, ports, management, fakes, used, revealed, codes, work: () => here.work(ports) };
}

describe('a management key', () => {
  it('edits on the hosts that its own policy lists', async () => {
    const here = await managed([hostAt(1, { host: 'HOST.example' }), hostAt(2), hostAt(3)]);
    await here.work();
    expect((await here.rotation()).state).toBe('promoted');
    expect(here.used.sort()).toEqual(['app@host.example:1', 'app@host.example:2']);
  });

  it.each<[string, readonly Host[]]>([
    ['lists no host', []],
    ['lists another port of it', [hostAt(3)]],
    ['lists another user of it', [hostAt(1, { user: 'root' }), hostAt(2, { user: 'root' })]],
    ['lists another name of it', [hostAt(1, { host: '192.0.2.1' }), hostAt(2, { host: '192.0.2.1' })]],
  ])(
    'is not even taken out of the store for a host when its own policy %s, and the host says so',
    async (_, listed) => {
      const here = await managed(listed);
      await here.work();
      expect(here.revealed).not.toContain('management');
      expect(here.used).toEqual([]);
      expect(here.fakes.flatMap(({ steps }) => steps)).toEqual([]);
      expect(await here.codes()).toEqual(['HOST_NOT_MANAGED']); // and with it the coverage is missed: the other one is left alone
      expect(await here.rotation()).toMatchObject({ state: 'staged', lastError: { code: 'COVERAGE_MISSED' } });
    },
  );

  it('goes on where it may, when only some of the hosts are listed in its own policy', async () => {
    const here = await managed([hostAt(2)]);
    await setPolicy(here.ports, here.identity, {
      hosts: [hostAt(1), hostAt(2)],
      managementKey: 'management',
      coverage: 0.5,
    });
    await here.work();
    expect(await here.codes()).toEqual(['HOST_NOT_MANAGED', 'ok']);
    expect(here.used).toEqual(['app@host.example:2']);
    expect((await here.rotation()).state).toBe('promoted');
  });

  it('follows its own policy as it is now: a host that is listed there later is reached, one that is dropped is not', async () => {
    const here = await managed([]);
    await here.work();
    await setPolicy(here.ports, here.management, { hosts: [hostAt(1), hostAt(2)] });
    here.clock.advance(3_600_000);
    await here.work();
    expect((await here.rotation()).state).toBe('promoted');
    await setPolicy(here.ports, here.management, { hosts: [] });
    here.used.length = 0;
    here.clock.advance(8 * DAY_MS);
    await here.work();
    expect(here.used).toEqual([]);
    expect(await here.rotation()).toMatchObject({ state: 'promoted', lastError: { code: 'HOSTS_OUTSTANDING' } });
  });

  it('catches up a host that was listed since, which has the key that counts and no other', async () => {
    const all = [hostAt(1), hostAt(2), hostAt(3)];
    const here = await managed(all);
    await setPolicy(here.ports, here.identity, { hosts: all, managementKey: 'management', coverage: 0.5 });
    here.fakes.push(fakeHost(''));
    here.fakes[2]!.hook = () => {
      throw new VendingError('HOST_UNREACHABLE', 'Down');
    };
    await here.work();
    here.clock.advance(8 * DAY_MS); // the overlap
    await here.work();
    await here.rotate();
    await here.work();
    const { versions, rotations } = await here.recordOf();
    expect(rotations!.map(({ state }) => state)).toEqual(['promoted', 'promoted']);
    const line = (await here.recordOf(here.management)).versions[0]!.publicKey;
    here.fakes[2] = fakeHost(`command="true" ${versions.at(-1)!.publicKey} app\n${line} management\n`);
    for (let i = 0; i < 80; i += 1) {
      here.clock.advance(DAY_MS / 4);
      await here.work();
    }
    expect((await here.recordOf()).rotations!.map(({ state }) => state)).toEqual(['purged', 'purged']);
  });

  it('keeps only those hosts waiting that need it, when it is not there, and is named', async () => {
    const here = await managed([hostAt(1), hostAt(2)]);
    const { publicKey } = (await here.recordOf()).versions[0]!;
    here.fakes[1]!.text = `${publicKey} app\n`;
    const hosts = [hostAt(1), hostAt(2)];
    await setPolicy(here.ports, here.identity, { hosts, managementKey: 'misspelt', coverage: 0.5 });
    await here.work();
    expect(await here.codes()).toEqual(['MANAGEMENT_KEY_ABSENT', 'ok']);
    expect((await here.rotation()).state).toBe('promoted');
  });

  it('does not keep a rotation from being cancelled that no host has heard of, even where no key can be read', async () => {
    const here = await managed([]);
    await here.work(); // staged: nothing was edited
    const { id, from } = await here.rotation();
    await here.store.remove(here.identity, from.id);
    await cancelRotation(here.ports, here.identity, id);
    here.clock.advance(3_600_000);
    await here.work();
    here.clock.advance(60_000);
    await here.work();
    expect((await here.rotation()).state).toBe('cancelled');
  });

  it('is not used once its key pair is out of use', async () => {
    const here = await managed([hostAt(1), hostAt(2)]);
    await retire(here.ports, here.management, 'other team');
    await here.work();
    expect(here.used).toEqual([]);
    expect(await here.codes()).toEqual(['HOST_NOT_MANAGED']); // and with it the coverage is missed: the other one is left alone
  });
});
