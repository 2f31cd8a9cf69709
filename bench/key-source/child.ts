// The process that is measured: it makes keys, and vends as `keyvend serve` does, without what is around a vend: HTTP, tokens, schedules.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { deadlineIn, systemClock } from '../../lib/clock.ts';
import { runtime } from '../../lib/platforms/runtime.ts';
import type { ProviderName } from '../../lib/provider-table.ts';
import { connectionOf } from '../../lib/providers/connect.ts';
import { generateKey } from '../../lib/ssh/generate-key.ts';
import { parsePublicKey, publicKeyBits } from '../../lib/ssh/public-key.ts';
import type { Request } from '../../lib/vending/record.ts';
import { vend } from '../../lib/vending/vend.ts';
import { farPorts } from './far-ports.ts';

export type Turn =
  | { readonly kind: 'idle'; readonly ms: number }
  | { readonly kind: 'keys'; readonly bits: number; readonly keys: number; readonly atOnce: number }
  | {
      readonly kind: 'vend';
      readonly provider: ProviderName;
      readonly region: string;
      readonly name: string;
      readonly request: Request;
    };

/** How much later than due a timer of one millisecond ran, in milliseconds. */
export interface Late {
  readonly p99: number;
  readonly most: number;
}
export interface Took {
  /** Of each key, or of the vend. */
  readonly ms: readonly number[];
  readonly late: Late;
  /** As large as was asked for, or made. */
  readonly right: boolean;
}

farPorts(JSON.parse(process.env.BENCH_FAR_PORTS ?? '{}'));
const ports = await runtime.portsFor(connectionOf);
const RESOLUTION_MS = 1;

async function keys({ bits, keys, atOnce }: Turn & { kind: 'keys' }) {
  const ms: number[] = [];
  let [next, right] = [0, true];
  const one = async () => {
    while (next++ < keys) {
      const beganMs = performance.now();
      const { publicKey } = await generateKey({ bits });
      ms.push(performance.now() - beganMs);
      right &&= publicKeyBits(parsePublicKey(publicKey)) === bits;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return { ms, right };
}

async function vended({ provider, region, name, request }: Turn & { kind: 'vend' }) {
  const beganMs = performance.now();
  const identity = { provider, account: 'default', region, name };
  const caller = 'https://issuer.example portal';
  const { created } = await vend(ports, { identity, request, caller, deadline: deadlineIn(systemClock, 28_000) });
  return { ms: [performance.now() - beganMs], right: created };
}

async function idle({ ms }: Turn & { kind: 'idle' }) {
  await wait(ms);
  return { ms: [], right: true };
}

process.on('message', async (turn: Turn) => {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const { ms, right } = await (turn.kind === 'keys' ? keys(turn) : turn.kind === 'vend' ? vended(turn) : idle(turn));
  delay.disable();
  const late = (ns: number) => Math.max(0, ns / 1e6 - RESOLUTION_MS);
  process.send?.({ ms, right, late: { p99: late(delay.percentile(99)), most: late(delay.max) } } satisfies Took);
});
process.once('disconnect', async () => {
  await ports.ledger.close();
  await ports.store.close();
  process.exit(0);
});
process.send?.('ready');
