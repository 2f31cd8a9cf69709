// `#store/open.ts`, of the store that the environment names: see http.ts.
import '../checked-configuration.ts';
import type { Clock } from '../../clock.ts';
import type { Documents } from '../../secrets/documents.ts';
import type { Ports } from '../../vending/ports.ts';
import type { Open } from '../platform.ts';

interface Store extends Open<Ports['store']> {
  /** What people keep beside the secrets, where a store has room for it. */
  readonly documents?: (configuration: object, clock: Clock) => Documents;
}

export const { open, documents }: Store = await import(`../../secrets/${process.env.KEYVEND_STORE}/open.ts`);
