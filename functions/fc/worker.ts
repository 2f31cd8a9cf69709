// Vends what waits in the inbox, of every provider.
import { requestQueue } from '../../lib/application/requests-endpoint.ts';
import { vending } from '../../lib/application/vend-endpoint.ts';
import { byJob, takeEvents } from '../../lib/platforms/fc/function.ts';
import { refused } from '../../lib/platforms/fc/intake.ts';
import { acting, workOn } from '../../lib/platforms/fc/working.ts';
import { runtime } from '../../lib/platforms/runtime.ts';
import type { Connect } from '../../lib/providers/connect.ts';
import { connect as cvm } from '../../lib/providers/cvm/connect.ts';
import { connect as ecs } from '../../lib/providers/ecs/connect.ts';
import { connect as ens } from '../../lib/providers/ens/connect.ts';

/** Of one message: lib/application/vend-endpoint.ts stops by itself before that. */
const MESSAGE_MS = 30_000;

const providers = { ens, ecs, cvm } as const;
const named = Object.entries(providers) as [keyof typeof providers, Connect][];

const queues = new Map([
  ...named.map(
    ([provider, connect]) =>
      [requestQueue(provider), acting(vending(runtime, provider, connect).message, MESSAGE_MS)] as const,
  ),
  refused,
]);

takeEvents(byJob({ work: (leftMs) => workOn(queues, leftMs) }), { wakes: ['sender'], needs: ['ledger', 'inbox'] });
