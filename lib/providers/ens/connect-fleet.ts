// Connects to ENS's instances with an access key of Alibaba Cloud.
import { alibabaKey } from '../alibaba/alibaba-key.ts';
import type { ConnectFleet } from '../connect-fleet.ts';
import { ensFleet } from './fleet.ts';

export const connectFleet: ConnectFleet = (key, { transport, endpoint }) => {
  const known = alibabaKey(key);
  if (known === undefined) return undefined;
  return ensFleet({ transport, ...(endpoint !== undefined && { endpoint }), credentials: async () => known });
};
