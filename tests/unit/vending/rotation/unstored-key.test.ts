// A key pair whose private key is stored nowhere, because it is a caller's own or nobody had it when the pair was adopted: a management key
// lets its successor in, and from then on it is a key pair like any other.
import { describe, expect, it } from 'vitest';
import type { Host, Hosts } from '../../../../lib/hosts/hosts.ts';
import type { Identity } from '../../../../lib/identity.ts';
import { cancelRotation, setPolicy } from '../../../../lib/vending/rotation/rotation-commands.ts';
import { vend } from '../../../../lib/vending/vend.ts';
import { keys } from '../../../doubles/key-pairs.ts';
import { fakeHost } from '../../../hosts/fake-host.ts';
import { rotated } from './world.ts';

const { publicKey } = keys[62]!;
const host: Host = { host: 'host.example', port: 1, user: 'app', hostKeys: ['SHA256:x'] };

async function unstored({ managed }: { readonly managed: boolean }) {
  const here = await rotated('ecs', undefined, {}, { request: { publicKey } });
  const management: Identity = { ...here.identity, name: 'management' };
  await vend(here.ports, { ...{ identity: management, request: {}, caller: 'other team' }, deadline: here.soon() });
  await setPolicy(here.ports, management, { hosts: [host] });
  const editor = (await here.recordOf(management)).versions[0]!.publicKey;
  const fake = fakeHost(`${publicKey} app\n${editor} management\n`);
  const hosts: Hosts = { login: (_host, key, options) => fake.login(host, key, options) };
  const ports = here.worker({}, hosts);
  await setPolicy(ports, here.identity, { hosts: [host], ...(managed && { managementKey: 'management' }) });
  await here.rotate();
  return { ...here, ports, fake, work: () => here.work(ports), days: (count: number) => here.days(count, ports) };
}

describe('a key pair whose private key is stored nowhere', () => {
  it('is rotated to one that is stored, where a management key can log in', async () => {
    const here = await unstored({ managed: true });
    await here.work();
    expect((await here.rotation()).state).toBe('promoted');
    const next = (await here.recordOf()).versions.at(-1)!;
    expect(next.secretReference).toBeDefined();
    expect(here.fake.text).toContain(`${publicKey} app\n${next.publicKey} app\n`);
    await here.days(9);
    expect((await here.rotation()).state).toBe('purged');
    expect(here.fake.text).not.toContain(publicKey);
    expect((await here.recordOf()).versions).toEqual([next]);
    expect(here.cloud.pairs.map((pair) => pair.publicKey)).not.toContain(publicKey);
  });

  it('waits and says what is missing where no management key may edit, and nothing is edited', async () => {
    const here = await unstored({ managed: false });
    const before = here.fake.text;
    await here.work();
    const { state, hosts } = await here.rotation();
    expect(state).toBe('staged');
    expect(Object.values(hosts)).toMatchObject([{ outcome: 'failed', code: 'MANAGEMENT_KEY_ABSENT' }]);
    expect(here.fake.text).toBe(before);
  });

  it('keeps its line when the rotation is cancelled, and the new one is gone', async () => {
    const here = await unstored({ managed: true });
    const before = here.fake.text;
    const rotation = await here.rotation();
    await setPolicy(here.ports, here.identity, { hosts: [host, { ...host, port: 2 }], managementKey: 'management' });
    await here.work(); // the second host is not one that the management key may edit on
    expect(here.fake.text).not.toBe(before);
    await cancelRotation(here.ports, here.identity, rotation.id);
    await here.days(2);
    expect((await here.rotation()).state).toBe('cancelled');
    expect(here.fake.text).toBe(before);
  });
});
