// Reading one key pair's record.
import { z } from 'zod';
import { answer, httpFunction } from './functions.mjs';
import { readRecord } from './ledger.mjs';

const Asked = z.object({
  provider: z.enum(['ens', 'ecs', 'cvm']),
  account: z.string().default('default'),
  region: z.string().default('global'),
  name: z.string().regex(/^[A-Za-z0-9:_-]{1,128}$/),
});

export const http = httpFunction(async ({ rawPath, rawQueryString }) => {
  const [, , provider, , name = ''] = rawPath.split('/');
  const query = Object.fromEntries(new URLSearchParams(rawQueryString));
  const identity = Asked.parse({ ...query, provider, name: decodeURIComponent(name) });
  const found = await readRecord(identity);
  if (found === undefined) return answer(404, { message: 'There is no such key pair' });
  const { state, requestedBy, requestedAtMs, versions } = found.record;
  return answer(200, {
    ...identity,
    state,
    requestedBy,
    requestedAt: new Date(requestedAtMs).toISOString(),
    versions: versions.map(({ activatedAtMs, ...version }) => ({
      ...version,
      activatedAt: new Date(activatedAtMs).toISOString(),
    })),
  });
});
