// One cloud as a function connects to it: which access key it takes, and the adapter made with it. A file each, so that a
// function brings along the clouds it serves and no other.

import type { ProviderName } from '../../provider-table.ts';
import type { KeyPairProvider } from '../../providers/provider.ts';
import type { Transport } from '../../transport/wire.ts';

export interface Cloud {
  readonly provider: ProviderName;
  /**
   * @param key the JSON object stored for the account
   * @returns undefined when it is not an access key of this cloud
   */
  connect(
    key: unknown,
    options: { readonly transport: Transport; readonly endpoint?: string },
  ): KeyPairProvider | undefined;
}
