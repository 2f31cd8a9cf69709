import type { Cloud } from '../../runtime/clouds/cloud.ts';
import { alibabaKey } from '../alibaba/alibaba-key.ts';
import { ensProvider } from './adapter.ts';

export const ens: Cloud = {
  provider: 'ens',
  connect(key, options) {
    const credentials = alibabaKey(key);
    return credentials && ensProvider({ ...options, credentials: async () => credentials });
  },
};
