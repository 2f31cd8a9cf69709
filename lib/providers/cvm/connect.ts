// Connects to CVM with an access key of Tencent Cloud.
import type { Connect } from '../connect.ts';
import { tencentAccount } from '../tencent/caller-identity.ts';
import { tencentKey } from '../tencent/tencent-key.ts';
import { cvmProvider } from './adapter.ts';

export const connect: Connect = (key, { identityEndpoint, ...options }) => {
  const known = tencentKey(key);
  if (known === undefined) return undefined;
  const credentials = async () => known;
  return {
    provider: cvmProvider({ ...options, credentials }),
    accessKey: tencentAccount(known, { transport: options.transport, endpoint: identityEndpoint }),
  };
};
