// An account of the cloud whose access key is the function's own role: nothing is stored for it. The platform gives the role's temporary
// key with each call, and it is used in that call alone.
import { credentialsOfCall } from '../../alibaba/call-credentials.ts';
import { VendingError } from '../../errors.ts';
import { type ProviderName, rowOf } from '../../provider-table.ts';
import { Secret } from '../../secret.ts';
import { jsonObject } from '../../transport/json.ts';

/** What is stored in place of a key: `{"role":"function"}`. */
const isRole = (stored: Secret): boolean => jsonObject(Buffer.from(stored.reveal()))?.role === 'function';

/** @throws {VendingError} CREDENTIALS_REFUSED where the role is none of that cloud's, or the call came without its key */
function keyOfRole(provider: ProviderName): Secret {
  if (rowOf(provider).credentials !== 'alibaba')
    throw new VendingError('CREDENTIALS_REFUSED', "The function's role is of another cloud than this account");
  const key = credentialsOfCall();
  if (key === undefined) throw new VendingError('CREDENTIALS_REFUSED', 'The function has no role');
  const { accessKeyId, accessKeySecret, securityToken } = key;
  return new Secret(
    JSON.stringify({
      ...{ accessKeyId, accessKeySecret: accessKeySecret.reveal() },
      ...(securityToken && { securityToken: securityToken.reveal() }),
    }),
  );
}

type KeyOf = (provider: ProviderName, account: string) => Promise<Secret>;

/** @param stored may keep what it was asked for: of such an account it is no key. The key itself is asked for anew each time. */
export const withFunctionRole =
  (stored: KeyOf): KeyOf =>
  async (provider, account) => {
    const found = await stored(provider, account);
    return isRole(found) ? keyOfRole(provider) : found;
  };
