// Connects to CVM with an access key of Tencent Cloud.
import type { Connect } from '../connect.ts';
import { tencentKey } from '../tencent/tencent-key.ts';
import { cvmProvider } from './adapter.ts';

export const connect: Connect = (key, options) => {
  const credentials = tencentKey(key);
  return credentials && cvmProvider({ ...options, credentials: async () => credentials });
};
