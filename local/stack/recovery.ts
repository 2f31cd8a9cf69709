// Settles what was left open and publishes what was not, now and then, as the scheduled function does.
import { logFailure } from '../../lib/runtime/logger.ts';
import { finish } from '../../lib/vending/afterwards.ts';
import type { Identity } from '../../lib/vending/identity.ts';
import type { Parts } from '../../lib/vending/parts.ts';
import { settle } from '../../lib/vending/settle.ts';

const AT_ONCE = 50;

export function recoverEvery(everyMs: number, parts: Parts): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  const round = async () => {
    const { ledger, clock } = parts;
    for (const identity of await ledger.due('settle', clock.wallMs(), AT_ONCE))
      await quietly(settleOne(parts, identity));
    for (const identity of await ledger.due('announce', clock.wallMs(), AT_ONCE))
      await quietly(finishOne(parts, identity));
  };
  const again = () => {
    running = running.then(() => quietly(round()));
  };
  again();
  const timer = setInterval(again, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

async function settleOne(parts: Parts, identity: Identity): Promise<void> {
  const filed = await parts.ledger.read(identity);
  if (filed !== undefined) await settle(parts, await parts.providerFor(identity), filed);
}

async function finishOne(parts: Parts, identity: Identity): Promise<void> {
  const filed = await parts.ledger.read(identity);
  if (filed !== undefined) await finish(parts, filed);
}

const quietly = (work: Promise<unknown>): Promise<void> => work.then(() => undefined, logFailure);
