import { ecsProvider } from '../../providers/ecs.ts';
import { alibabaKey } from './alibaba-key.ts';
import type { Cloud } from './cloud.ts';

export const ecs: Cloud = {
  provider: 'ecs',
  connect(key, options) {
    const credentials = alibabaKey(key);
    return credentials && ecsProvider({ ...options, credentials: async () => credentials });
  },
};
