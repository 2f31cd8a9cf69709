// Whether an access key may do what keyvend does with ENS. Source: the actions' pages, as beside each adapter; none of these actions
// documents a dry run.
import type { Parameters } from '../../alibaba/acs3.ts';
import { alibabaCall } from '../alibaba/alibaba-call.ts';
import { alibabaKey } from '../alibaba/alibaba-key.ts';
import { asked, asksBy, type ConnectRights, NO_NAME, nobodys } from '../connect-rights.ts';
import type { Action } from '../rights.ts';
import { ENS_ORIGIN } from './endpoint.ts';
import { refusals } from './fleet-refusals.ts';

export const connectRights: ConnectRights = (key, { transport, endpoint }) => {
  const known = alibabaKey(key);
  if (known === undefined) return undefined;
  const options = { transport, credentials: async () => known };
  const to = { origin: endpoint ?? ENS_ORIGIN, version: '2017-11-10' };
  return asksBy(requests(nobodys()), (action, parameters, call) =>
    alibabaCall(options, { ...to, operation: asked('ens', refusals, action) }, parameters, call),
  );
};

/** @param nobody an id that the service gave to nothing */
const requests = (nobody: string): Readonly<Partial<Record<Action, Parameters>>> => ({
  // Reads, with the smallest page.
  'ens:DescribeKeyPairs': { PageNumber: '1', PageSize: '1' },
  'ens:DescribeInstances': { PageNumber: 1, PageSize: '1' },
  // A pair has to have a name, and this is none: too short, and not begun with a letter.
  'ens:CreateKeyPair': { KeyPairName: NO_NAME },
  // Likewise, and what is to be imported is no key.
  'ens:ImportKeyPair': { KeyPairName: NO_NAME, PublicKeyBody: NO_NAME },
  // Goes by the id, which no pair has.
  'ens:DeleteKeyPairs': { KeyPairId: nobody },
  // Neither the pair nor the instance exists.
  'ens:AttachKeyPair': { KeyPairId: nobody, InstanceIds: JSON.stringify([nobody]) },
  'ens:DetachKeyPair': { KeyPairId: nobody, InstanceIds: JSON.stringify([nobody]) },
});
