// Connects to ECS with an access key of Alibaba Cloud.
import { alibabaKey } from '../alibaba/alibaba-key.ts';
import type { Connect } from '../connect.ts';
import { ecsProvider } from './adapter.ts';

export const connect: Connect = (key, options) => {
  const credentials = alibabaKey(key);
  return credentials && ecsProvider({ ...options, credentials: async () => credentials });
};
