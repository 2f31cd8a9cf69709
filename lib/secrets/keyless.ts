// A store for a process that keeps keys and may not read any: what answers the whole world needs no key that is stored already.
import { VendingError } from '../errors.ts';
import type { SecretStore } from './secret-store.ts';

/** The rights of the process say the same where the platform has rights; this says it everywhere, and says why. */
export const keyless = (store: SecretStore): SecretStore => ({
  ...store,
  async reveal() {
    throw new VendingError('STORE_REFUSED', 'This process may not read stored keys');
  },
});
