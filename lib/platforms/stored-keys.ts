// The clouds' access keys where they are kept in the store. Apart from the others: a bundle that has this has every store in it.
import type { Clock } from '../clock.ts';
import type { Documents } from '../secrets/documents.ts';
import { once } from './once.ts';
import type { UpstreamKey } from './upstream-keys.ts';

/** Those that people keep in a shared store, opened at the first use. */
export function keysStored(configuration: Readonly<Record<string, unknown>>, clock: Clock): UpstreamKey {
  const opened = once(async () => {
    const { documents }: { documents: (configuration: object, clock: Clock) => Documents } = await import(
      `../secrets/${configuration.KEYVEND_STORE}/open.ts`
    );
    return documents(configuration, clock);
  });
  return async (provider, account) => (await opened())(`${provider}/${account}`);
}
