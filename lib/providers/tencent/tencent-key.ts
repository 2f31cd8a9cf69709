// What is stored for an account of Tencent Cloud.
import { Secret } from '../../secret.ts';
import { keyPart } from '../fields.ts';
import type { TencentCredentials } from './tc3.ts';

/** @returns undefined for anything that is not an access key of Tencent Cloud */
export function tencentKey(key: Readonly<Record<string, unknown>> = {}): TencentCredentials | undefined {
  const [secretId, secretKey, token] = [key.secretId, key.secretKey, key.token].map(keyPart);
  if (secretId === undefined || secretKey === undefined) return undefined;
  const credentials = { secretId, secretKey: new Secret(secretKey) };
  if (key.token === undefined) return credentials;
  return token === undefined ? undefined : { ...credentials, token: new Secret(token) };
}
