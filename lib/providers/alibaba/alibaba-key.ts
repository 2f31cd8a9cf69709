// What is stored for an account of Alibaba Cloud, the same for ENS and ECS.

import type { AlibabaCredentials } from '../../alibaba/acs3.ts';
import { Secret } from '../../secret.ts';
import { keyPart } from '../fields.ts';

/** @returns undefined for anything that is not an access key of Alibaba Cloud */
export function alibabaKey(key: Readonly<Record<string, unknown>> = {}): AlibabaCredentials | undefined {
  const { securityToken } = key;
  const [accessKeyId, accessKeySecret, token] = [key.accessKeyId, key.accessKeySecret, securityToken].map(keyPart);
  if (accessKeyId === undefined || accessKeySecret === undefined) return undefined;
  const credentials = { accessKeyId, accessKeySecret: new Secret(accessKeySecret) };
  if (securityToken === undefined) return credentials;
  return token === undefined ? undefined : { ...credentials, securityToken: new Secret(token) };
}
