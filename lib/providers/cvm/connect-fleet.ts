// Connects to CVM's instances, and to what launches them, with an access key of Tencent Cloud.
import type { ConnectFleet } from '../connect-fleet.ts';
import { tencentKey } from '../tencent/tencent-key.ts';
import { cvmFleet } from './fleet.ts';

export const connectFleet: ConnectFleet = (key, options) => {
  const known = tencentKey(key);
  return known === undefined ? undefined : cvmFleet({ ...options, credentials: async () => known });
};
