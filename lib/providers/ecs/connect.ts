import type { Cloud } from '../../runtime/clouds/cloud.ts';
import { alibabaKey } from '../alibaba/alibaba-key.ts';
import { ecsProvider } from './adapter.ts';

export const ecs: Cloud = {
  provider: 'ecs',
  connect(key, options) {
    const credentials = alibabaKey(key);
    return credentials && ecsProvider({ ...options, credentials: async () => credentials });
  },
};
