import { ensProvider } from '../../providers/ens.ts';
import { alibabaKey } from './alibaba-key.ts';
import type { Cloud } from './cloud.ts';

export const ens: Cloud = {
  provider: 'ens',
  connect(key, options) {
    const credentials = alibabaKey(key);
    return credentials && ensProvider({ ...options, credentials: async () => credentials });
  },
};
