// Connects to ENS with an access key of Alibaba Cloud.
import { alibabaKey } from '../alibaba/alibaba-key.ts';
import { alibabaAccount } from '../alibaba/caller-identity.ts';
import type { Connect, Connecting } from '../connect.ts';
import { ensProvider } from './adapter.ts';
import { ENS_ORIGIN } from './endpoint.ts';

const connecting: Connecting = (key, { identityEndpoint, ...options }) => {
  const known = alibabaKey(key);
  if (known === undefined) return undefined;
  const credentials = async () => known;
  return {
    provider: ensProvider({ ...options, credentials }),
    accessKey: alibabaAccount(known, { transport: options.transport, endpoint: identityEndpoint }),
  };
};

const atLoad = { origin: ENS_ORIGIN, connections: 2 };
export const connect: Connect = Object.assign(connecting, { early: () => atLoad, atLoad });
