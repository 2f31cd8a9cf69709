// What is stored for an account of Tencent Cloud.
import { Secret } from '../../secret.ts';
import { text } from '../fields.ts';
import type { TencentCredentials } from './tc3.ts';

/** @returns undefined for anything that is not an access key of Tencent Cloud */
export function tencentKey(key: Readonly<Record<string, unknown>> = {}): TencentCredentials | undefined {
  const [secretId, secretKey] = [text(key.secretId), text(key.secretKey)];
  const { token } = key;
  if (secretId === undefined || secretKey === undefined) return undefined;
  const credentials = { secretId, secretKey: new Secret(secretKey) };
  if (token === undefined) return credentials;
  return typeof token === 'string' ? { ...credentials, token: new Secret(token) } : undefined;
}
