// A process that dies between two of its requests, or whose last request arrives when everything else is long over; and what has to hold of a
// secret whatever happened to it.
import { expect } from 'vitest';
import type { Secret } from '../../lib/secret.ts';
import { revealToReader } from '../../lib/secrets/kv/kv-reader.ts';
import type { SecretStore } from '../../lib/secrets/secret-store.ts';
import { NoAnswer, type Transport } from '../../lib/transport/wire.ts';
import { aKey, anId, web } from './secret-harness.ts';
import { type KvHarness, kvOnStandIn } from './secret-kv-harness.ts';

export interface Cut {
  readonly transport: Transport;
  /** How many requests were sent, the last one included. */
  sent(): number;
  /** Has a request that was on its way arrive. */
  deliver(): Promise<void>;
}

/** @param last nothing is sent after that request; `lost`: it is carried out and its answer is lost; `late`: it is on its way for long */
export function cutAfter(transport: Transport, last: number, how: 'lost' | 'late'): Cut {
  let count = 0;
  let late: (() => Promise<unknown>) | undefined;
  return {
    sent: () => count,
    deliver: async () => void (await late?.().catch(() => {})),
    transport: {
      close() {},
      async send(request, call) {
        if (count >= last) throw new NoAnswer('connection', false, 'ECONNREFUSED');
        count += 1;
        if (count < last) return transport.send(request, call);
        if (how === 'lost') await transport.send(request, call);
        else late = () => transport.send(request, call);
        throw new NoAnswer('timeout', true);
      },
    },
  };
}

export interface Kept {
  readonly id: string;
  readonly key: Secret;
}

/** A secret with a current key, another one, and one that was removed. */
export async function scene(): Promise<KvHarness & Readonly<Record<'current' | 'other' | 'gone' | 'fresh', Kept>>> {
  const harness = await kvOnStandIn();
  const { store } = harness;
  const [current, other, gone, fresh] = [one(), one(), one(), one()];
  for (const { id, key } of [current, other, gone]) await store.put(web, id, key);
  await store.makeCurrent(web, current.id, undefined);
  await store.remove(web, gone.id);
  return { ...harness, current, other, gone, fresh };
}
const one = (): Kept => ({ id: anId(), key: aKey() });

/** A store whose process ends as it says, and everything that it was about to send with it. */
export const dying = ({ calls, open }: KvHarness, { transport }: Cut): SecretStore =>
  open({ kv: calls({ transport }) });

/**
 * What has to hold for whoever comes next.
 * @param stored must be stored, or may be (`maybe`); what is neither must be gone, and no key of it may be left that can be read
 */
export async function expectWhole(
  { open, calls, engine }: KvHarness,
  all: readonly Kept[],
  stored: readonly Kept[],
  maybe: readonly Kept[] = [],
): Promise<void> {
  const store = open();
  const found = (await store.find(web))?.versions ?? [];
  const ids = found.map(({ id }) => id);
  for (const { id } of stored) expect(ids).toContain(id);
  for (const { id, key } of all) {
    if (ids.includes(id)) expect([...stored, ...maybe].map((one) => one.id)).toContain(id);
    expect((await store.reveal(web, id))?.reveal()).toBe(ids.includes(id) ? key.reveal() : undefined);
    if (![...stored, ...maybe].some((one) => one.id === id)) expect(readable(engine, key)).toEqual([]);
  }
  const current = found.find((version) => version.current)?.id;
  const counts = all.find(({ id }) => id === current)?.key.reveal();
  expect((await store.reveal(web))?.reveal()).toBe(counts);
  expect((await revealToReader(calls(), 'keyvend', web))?.reveal()).toBe(counts);
  // Whoever reads an earlier version of the copy gets no other key.
  const copies = [...engine.paths].filter(([path]) => path.endsWith('/current'));
  for (const { key } of all)
    if (key.reveal() !== counts) for (const [path] of copies) expect(readable(engine, key)).not.toContain(path);
}

/** The paths from which a key can be read, whatever version of them is asked for. */
export const readable = (engine: KvHarness['engine'], key: Secret): string[] =>
  [...engine.paths].flatMap(([path, { versions }]) =>
    [...versions.values()].some(
      ({ data, deletedMs, destroyed }) =>
        deletedMs === undefined && !destroyed && Object.values(data).includes(key.reveal()),
    )
      ? [path]
      : [],
  );
