// The process that is measured: keyvend as `keyvend serve` runs it, without what is around a vend: HTTP, tokens, schedules. It vends as
// many key pairs as it is told to, some at once, and says how long it took.
import { deadlineIn, systemClock } from '../../lib/clock.ts';
import { runtime } from '../../lib/platforms/runtime.ts';
import { connectionOf } from '../../lib/providers/connect.ts';
import { vend } from '../../lib/vending/vend.ts';

export interface Turn {
  readonly region: string;
  /** Every name begins with it. */
  readonly prefix: string;
  readonly vends: number;
  readonly concurrent: number;
}

export interface Took {
  readonly seconds: number;
  /** Processor time of this process, all its threads. */
  readonly cpuSeconds: number;
}

const ports = await runtime.portsFor(connectionOf);

process.on('message', async ({ region, prefix, vends, concurrent }: Turn) => {
  const [beganMs, began] = [performance.now(), process.cpuUsage()];
  let next = 0;
  const one = async () => {
    for (let i = next++; i < vends; i = next++)
      await vend(ports, {
        identity: { provider: 'ecs', account: 'default', region, name: `${prefix}-${i}` },
        request: {},
        caller: 'https://issuer.example portal',
        deadline: deadlineIn(systemClock, 28_000),
      });
  };
  await Promise.all(Array.from({ length: concurrent }, one));
  const { user, system } = process.cpuUsage(began);
  const took = { seconds: (performance.now() - beganMs) / 1_000, cpuSeconds: (user + system) / 1e6 };
  process.send?.(took satisfies Took);
});
process.once('disconnect', async () => {
  await ports.ledger.close();
  await ports.store.close();
  process.exit(0);
});
process.send?.('ready');
