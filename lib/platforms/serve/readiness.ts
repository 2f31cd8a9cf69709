// Whether this process can do anything at the moment, which is something else than whether it runs: without its ledger nothing is answered.
import type { Clock } from '../../clock.ts';
import type { Inbox } from '../../inbox/inbox.ts';
import type { Ports } from '../../vending/ports.ts';

export interface Look {
  readonly ready: boolean;
  /** What is looked at, and whether it can be asked. */
  readonly parts: Readonly<Record<'ledger' | 'inbox' | 'process', 'ok' | 'unavailable' | 'stopping'>>;
}

export interface Readiness {
  look(): Promise<Look>;
  isReady(): Promise<boolean>;
  /** From now on it is not: whoever spreads requests over processes goes elsewhere. */
  stop(): void;
}

/** However often somebody asks, ledger and inbox are not asked more often. */
const KEEP_MS = 1_000;
const PATIENCE_MS = 2_000;

export function readiness(
  ledger: Pick<Ports['ledger'], 'recall'>,
  inbox: () => Promise<Inbox>,
  clock: Clock,
): Readiness {
  let isStopping = false;
  let known: { readonly look: Promise<Look>; readonly untilMs: number } | undefined;

  async function fresh(): Promise<Look> {
    const [ledgerSays, inboxSays] = await Promise.all([
      answers(ledger.recall('ready', clock.wallMs())),
      answers(inbox().then((opened) => opened.read('none', 'none'))),
    ]);
    const parts = {
      ledger: ledgerSays,
      inbox: inboxSays,
      process: isStopping ? ('stopping' as const) : ('ok' as const),
    };
    return { ready: Object.values(parts).every((part) => part === 'ok'), parts };
  }
  function look(): Promise<Look> {
    const nowMs = clock.monotonicMs();
    if (known === undefined || nowMs >= known.untilMs) known = { look: fresh(), untilMs: nowMs + KEEP_MS };
    return known.look;
  }
  return {
    look,
    isReady: async () => (await look()).ready,
    stop() {
      isStopping = true;
      known = undefined;
    },
  };
}

async function answers(asked: Promise<unknown>): Promise<'ok' | 'unavailable'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'unavailable'>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, 'unavailable');
  });
  const said = asked.then(
    () => 'ok' as const,
    () => 'unavailable' as const,
  );
  return Promise.race([said, late]).finally(() => clearTimeout(timer));
}
