import * as z from 'zod/mini';
import type { Cloud } from '../../runtime/clouds/cloud.ts';
import { Secret } from '../../secret.ts';
import { cvmProvider } from './adapter.ts';

/** What is stored for an account of Tencent Cloud. */
const TencentKey = z.object({ secretId: z.string(), secretKey: z.string(), token: z.optional(z.string()) });

export const cvm: Cloud = {
  provider: 'cvm',
  connect(key, options) {
    const { success, data } = TencentKey.safeParse(key);
    if (!success) return undefined;
    const { secretId, secretKey, token } = data;
    const credentials = {
      secretId,
      secretKey: new Secret(secretKey),
      ...(token !== undefined && { token: new Secret(token) }),
    };
    return cvmProvider({ ...options, credentials: async () => credentials });
  },
};
