// What is stored for an account of Alibaba Cloud, the same for ENS and ECS.
import * as z from 'zod/mini';
import { Secret } from '../../secret.ts';
import type { AlibabaCredentials } from './acs3.ts';

const AlibabaKey = z.object({
  accessKeyId: z.string(),
  accessKeySecret: z.string(),
  securityToken: z.optional(z.string()),
});

export function alibabaKey(key: unknown): AlibabaCredentials | undefined {
  const { success, data } = AlibabaKey.safeParse(key);
  if (!success) return undefined;
  const { accessKeyId, accessKeySecret, securityToken } = data;
  return {
    accessKeyId,
    accessKeySecret: new Secret(accessKeySecret),
    ...(securityToken !== undefined && { securityToken: new Secret(securityToken) }),
  };
}
