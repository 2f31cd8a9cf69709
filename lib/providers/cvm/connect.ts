// Connects to CVM with an access key of Tencent Cloud.
import type { Connect, Connecting } from '../connect.ts';
import { tencentAccount } from '../tencent/caller-identity.ts';
import { tencentOrigin } from '../tencent/endpoint.ts';
import { MAX_IDLE_MS } from '../tencent/tencent-call.ts';
import { tencentKey } from '../tencent/tencent-key.ts';
import { cvmProvider } from './adapter.ts';

const connecting: Connecting = (key, { identityEndpoint, ...options }) => {
  const known = tencentKey(key);
  if (known === undefined) return undefined;
  const credentials = async () => known;
  return {
    provider: cvmProvider({ ...options, credentials }),
    accessKey: tencentAccount(known, { transport: options.transport, endpoint: identityEndpoint }),
  };
};

const early = (region: string) => ({
  ...{ origin: tencentOrigin('cvm', region), connections: 1, maxIdleMs: MAX_IDLE_MS },
});
export const connect: Connect = Object.assign(connecting, { early, atLoad: early('') });
