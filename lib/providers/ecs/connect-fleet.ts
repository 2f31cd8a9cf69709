// Connects to ECS's instances, and to what launches them, with an access key of Alibaba Cloud.
import { alibabaKey } from '../alibaba/alibaba-key.ts';
import type { ConnectFleet } from '../connect-fleet.ts';
import { ecsFleet } from './fleet.ts';

export const connectFleet: ConnectFleet = (key, options) => {
  const known = alibabaKey(key);
  return known === undefined ? undefined : ecsFleet({ ...options, credentials: async () => known });
};
