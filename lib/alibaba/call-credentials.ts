// Whose credentials sign a call to Alibaba Cloud's own services. Where a platform gives each of its calls the temporary key of the function's
// role, that one signs what is done in this call and nothing else; elsewhere it is the key of the environment.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Checked } from '../environment.ts';
import { VendingError } from '../errors.ts';
import { Secret } from '../secret.ts';
import type { AlibabaCredentials } from './acs3.ts';
import type { alibabaKeyVariables } from './environment.ts';

/** Emptied with its call: a connection that was opened in one lives on, and what it holds on to must not be a key. */
interface Held {
  credentials: AlibabaCredentials | undefined;
}
const current = new AsyncLocalStorage<Held>();

/** Whatever `work` and what it begins asks of Alibaba Cloud is signed with these, until `work` is over; then with nothing. */
export async function signedWith<T>(credentials: AlibabaCredentials, work: () => Promise<T>): Promise<T> {
  const held: Held = { credentials };
  try {
    return await current.run(held, work);
  } finally {
    held.credentials = undefined;
  }
}

/** Those of the call that is being answered, where its platform gave it some. */
export const credentialsOfCall = (): AlibabaCredentials | undefined => current.getStore()?.credentials;

type AlibabaKeyVariables = Partial<Checked<typeof alibabaKeyVariables>>;

/** @returns asks anew each time @throws {VendingError} CREDENTIALS_REFUSED, there, where neither the call nor the environment has any */
export function credentialsFrom(environment: AlibabaKeyVariables): () => Promise<AlibabaCredentials> {
  const {
    ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret,
    ALIBABA_CLOUD_SECURITY_TOKEN: token,
  } = environment;
  const own =
    accessKeyId && secret
      ? { accessKeyId, accessKeySecret: new Secret(secret), ...(token && { securityToken: new Secret(token) }) }
      : undefined;
  return async () => {
    const credentials = credentialsOfCall() ?? own;
    if (credentials !== undefined) return credentials;
    throw new VendingError(
      'CREDENTIALS_REFUSED',
      'There is no key of Alibaba Cloud to sign with: the function has no role',
    );
  };
}
