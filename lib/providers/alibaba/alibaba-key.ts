// What is stored for an account of Alibaba Cloud, the same for ENS and ECS.
import { Secret } from '../../secret.ts';
import { text } from '../fields.ts';
import type { AlibabaCredentials } from './acs3.ts';

/** @returns undefined for anything that is not an access key of Alibaba Cloud */
export function alibabaKey(key: Readonly<Record<string, unknown>> = {}): AlibabaCredentials | undefined {
  const [accessKeyId, accessKeySecret] = [text(key.accessKeyId), text(key.accessKeySecret)];
  const { securityToken } = key;
  if (accessKeyId === undefined || accessKeySecret === undefined) return undefined;
  const credentials = { accessKeyId, accessKeySecret: new Secret(accessKeySecret) };
  if (securityToken === undefined) return credentials;
  return typeof securityToken === 'string' ? { ...credentials, securityToken: new Secret(securityToken) } : undefined;
}
