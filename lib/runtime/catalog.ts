// Reading what is on record: one key pair, a page of them, the contract, health.

import { oneOf } from '../contract/location.ts';
import { ListQuery, metadataView } from '../contract/metadata.ts';
import { openApi } from '../contract/openapi.ts';
import { invalidRequest } from '../contract/problem-of.ts';
import { VendingError } from '../errors.ts';
import type { Answer, Asked, HttpOptions } from '../middleware/http.ts';
import type { HttpRequest } from '../middleware/http-request.ts';
import { httpOptions } from './options.ts';
import { runtime } from './runtime.ts';

const isOpen = ({ path }: HttpRequest) => path === '/health' || path === '/openapi.json';
export const catalogOptions: HttpOptions = { ...httpOptions, open: isOpen };

export async function look({ http }: Asked): Promise<Answer> {
  if (http.path === '/health') return { status: 200, body: { status: 'ok' } };
  if (http.path === '/openapi.json') return { status: 200, body: openApi() };
  const { ledger } = (await runtime()).ports;
  if (http.path === '/v1/key-pairs') {
    const query = ListQuery.safeParse(Object.fromEntries(http.query));
    if (!query.success) throw invalidRequest(query.error);
    const { records, cursor } = await ledger.list(query.data as Parameters<typeof ledger.list>[0]);
    // A successor belongs to the key pair it replaces, which has it among its versions once it counts.
    const keyPairs = records.filter(({ successorOf }) => successorOf === undefined).map(metadataView);
    return { status: 200, body: { keyPairs, ...(cursor === undefined ? {} : { cursor }) } };
  }
  const filed = await ledger.read(oneOf(http.path, http.query));
  if (filed === undefined) throw new VendingError('KEY_PAIR_ABSENT', 'Nothing was ever asked under this name here');
  return { status: 200, body: metadataView(filed.record) };
}
