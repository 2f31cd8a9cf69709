// Whose key a rotation brings, and how large it is: as the key pair was asked for, unless its policy says otherwise.
import { describe, expect, it } from 'vitest';
import { parsePublicKey, publicKeyBits } from '../../../../lib/ssh/public-key.ts';
import type { Settings } from '../../../../lib/vending/ports.ts';
import type { Request } from '../../../../lib/vending/record.ts';
import { advanceTo } from '../../../../lib/vending/rotation/advance.ts';
import type { Policy } from '../../../../lib/vending/rotation/policy.ts';
import { requestRotation } from '../../../../lib/vending/rotation/rotation-commands.ts';
import type { RotationPorts } from '../../../../lib/vending/rotation/rotation-ports.ts';
import { keys } from '../../../doubles/key-pairs.ts';
import { rotated } from './world.ts';

const larger = { keySource: 'import', keyBits: 4_096 } as const;
const middle = { keySource: 'import', keyBits: 3_072 } as const;
const own = { publicKey: keys[60]!.publicKey };
const deployed = (ports: RotationPorts, settings: Partial<Settings>): RotationPorts => ({
  ...ports,
  settings: { ...ports.settings, ...settings },
});

/** What counts once a rotation was promoted. */
async function brought(here: Awaited<ReturnType<typeof rotated>>) {
  const { id, keySource = 'create', publicKey } = (await here.recordOf()).versions.at(-1)!;
  const isStored = (await here.store.reveal(here.identity, id)) !== undefined;
  // The memory cloud makes keys of a kind that is made quickly.
  return { keySource, ...(keySource === 'import' && { bits: publicKeyBits(parsePublicKey(publicKey)) }), isStored };
}

describe('the key that a rotation brings', () => {
  it.each<[string, Request, Partial<Policy>, Partial<Settings>, string, number?]>([
    ['is imported where the policy says so', {}, larger, {}, 'import', 4_096],
    ['is as the key pair was asked for where it says nothing', middle, {}, {}, 'import', 3_072],
    ['is as large as it was asked for where it names no size', middle, { keySource: 'import' }, {}, 'import', 3_072],
    ['is made by the cloud where the policy says that', middle, { keySource: 'create' }, {}, 'create'],
    ['is as the deployment has it where nobody said anything', {}, {}, middle, 'import', 3_072],
    ['is stored after one that somebody brought', own, {}, {}, 'create'],
    ['is stored after one that somebody brought, and imported by policy', own, middle, {}, 'import', 3_072],
  ])('%s', async (_, request, policy, settings, keySource, bits) => {
    const here = await rotated('ecs', undefined, policy, { request });
    await here.rotate();
    await here.work(deployed(here.ports, settings));
    expect(here.failures).toEqual([]);
    expect((await here.rotation()).state).toBe('promoted');
    expect(await brought(here)).toEqual({ keySource, ...(bits && { bits }), isStored: true });
  });

  it('is made by the cloud where AWS drives the rotation, whatever the policy says', async () => {
    const here = await rotated('ecs', undefined, larger);
    const id = here.ports.newId();
    await requestRotation(here.ports, here.identity, { caller: 'aws', id, driver: 'secrets-manager' });
    for (const state of ['staged', 'rolled-out', 'proven', 'promoted'] as const)
      await advanceTo(here.ports, here.identity, id, state, here.soon());
    expect(await brought(here)).toEqual({ keySource: 'create', isStored: true });
  });
});
