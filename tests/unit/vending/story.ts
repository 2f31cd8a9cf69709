// What the tests of vending are made of: a request, the recovery that comes later, and what has to be true in the end.
import { expect } from 'vitest';
import { deadlineIn } from '../../../lib/clock.ts';
import { parsePrivateKey } from '../../../lib/ssh/private-key.ts';
import { flushOutbox } from '../../../lib/vending/outbox.ts';
import type { Ports } from '../../../lib/vending/ports.ts';
import { settle } from '../../../lib/vending/settle.ts';
import { vend } from '../../../lib/vending/vend.ts';
import type { World } from './world.ts';

export const request = { projectId: 0 };
export const ask = ({ identity, clock }: World, ports: Ports) =>
  vend(ports, { identity, request, caller: 'portal', deadline: deadlineIn(clock, 29_000) });

/** What the scheduled recovery does, until nothing is due any more. */
export async function recover(all: World): Promise<void> {
  for (let round = 0; round < 60; round += 1) {
    all.clock.advance(61_000);
    const ports = all.worker();
    for (const identity of await all.ledger.due('settle', all.clock.wallMs(), 100)) {
      const filed = await all.ledger.read(identity);
      if (filed) await settle(ports, await ports.providerFor(identity), filed);
    }
    for (const identity of await all.ledger.due('announce', all.clock.wallMs(), 100)) {
      const filed = await all.ledger.read(identity);
      if (filed) await flushOutbox(ports, filed);
    }
  }
}

/** P1 and P2: a key stored for every pair, a pair for every key, nothing left open. */
export async function expectConsistent({ cloud, store, ledger, identity }: World, pairs: 0 | 1): Promise<void> {
  const filed = await ledger.read(identity);
  const kept = await store.find(identity);
  expect(cloud.pairs).toHaveLength(pairs);
  expect(filed?.record.attempt).toBeUndefined();
  expect(kept?.versions.length ?? 0).toBe(pairs);
  expect(filed?.record.state ?? 'vacant').toBe(pairs === 1 ? 'active' : 'vacant');
  if (pairs === 0) return;
  const version = filed!.record.versions.at(-1)!;
  const key = parsePrivateKey((await store.reveal(identity))!);
  expect(key.publicKey).toBe(cloud.pairs[0]!.publicKey);
  expect(version).toMatchObject({ keyPairId: cloud.pairs[0]!.id, fingerprint: cloud.pairs[0]!.fingerprint });
}
