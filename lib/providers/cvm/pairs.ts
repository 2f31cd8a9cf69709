// Which pair of CVM is meant, and which instances its own record names. Source: CVM API reference, DescribeKeyPairs.
import type { DescribeKeyPairsRequest } from 'tencentcloud-sdk-nodejs-cvm/tencentcloud/services/cvm/v20170312/cvm_models.js';
import { VendingError } from '../../errors.ts';
import { asObject } from '../../transport/json.ts';
import type { CallLimits } from '../../transport/wire.ts';
import { count, idIn, needed } from '../fields.ts';
import type { UsedPair } from '../fleet.ts';
import { type Operation, unreadable } from '../outcome.ts';
import { readAllPages } from '../paging.ts';
import type { Send } from './calls.ts';
import { refusals } from './fleet-refusals.ts';

const describe: Operation = { service: 'cvm', refusals, action: 'DescribeKeyPairs', changes: false };

const PAGE_SIZE = 100; // the most that DescribeKeyPairs gives

export interface PairRecord {
  readonly id: string;
  readonly name: string;
  /** `AssociatedInstanceIds`. No page says how long the list can be. */
  readonly instanceIds: readonly string[];
}

/** The pair by its id or, where that is not known, all pairs of exactly that name; none when it does not exist. */
export const pairsOf = (send: Send, pair: UsedPair, call: CallLimits): Promise<readonly PairRecord[]> =>
  read(send, pair, call).catch((error: unknown) => {
    if (error instanceof VendingError && error.code === 'KEY_PAIR_ABSENT') return [];
    throw error;
  });

async function read(send: Send, { region, id, name }: UsedPair, call: CallLimits): Promise<readonly PairRecord[]> {
  const wanted: DescribeKeyPairsRequest =
    id === undefined ? { Filters: [{ Name: 'key-name', Values: [name] }] } : { KeyIds: [id] };
  const { rows } = await readAllPages(
    async ({ seen }) => {
      const reply = await send(describe, region, { ...wanted, Offset: seen, Limit: PAGE_SIZE }, call);
      const set = reply.fields.KeyPairSet;
      if (!Array.isArray(set)) throw unreadable(describe, 'without KeyPairSet', reply.requestId);
      const rows = set.map((row): PairRecord => {
        const fields = asObject(row) ?? {};
        return {
          id: idIn(describe, reply, fields, 'KeyId'),
          name: needed(describe, reply, fields, 'KeyName'),
          instanceIds: idsIn(fields.AssociatedInstanceIds),
        };
      });
      return { rows, total: count(reply.fields.TotalCount) };
    },
    (pair) => pair.id,
  );
  return rows.filter((pair) => (id === undefined ? pair.name === name : pair.id === id));
}

const idsIn = (value: unknown): string[] =>
  (Array.isArray(value) ? value : []).filter((id) => typeof id === 'string' && /^[\w-]{1,63}$/.test(id));
