// What a caller learns of a key pair's own name at the cloud: which of its versions that leads to, and why to no other.
import * as z from 'zod/mini';
import { leadsTo } from '../vending/own-name/slot.ts';
import type { KeyPairRecord } from '../vending/record.ts';

export const OwnNameView = z.strictObject({
  /** The version's; absent while no pair of the key pair has the name. */
  leadsTo: z.optional(z.string()),
  /** Whether that is the one that readers get. */
  current: z.boolean(),
  /** Why not: `KEY_PAIR_IN_USE` for an old pair that the cloud does not let go, `NAME_TAKEN` for somebody else's. */
  code: z.optional(z.string()),
  /** The first of the instances that have the pair of that name, and how many there are. */
  instances: z.optional(z.array(z.string())),
  count: z.optional(z.int()),
  seenAt: z.optional(z.string()),
  nextTryAt: z.optional(z.string()),
});

const at = (ms: number): string => new Date(ms).toISOString();

/** @returns nothing where the name is not kept */
export function ownNameView(record: KeyPairRecord): { readonly ownName?: z.infer<typeof OwnNameView> } {
  const { nameSlot, policy, state, versions } = record;
  if (state !== 'active' || (nameSlot === undefined && policy?.keepName !== true)) return {};
  const id = leadsTo(record);
  const { blocked, work } = nameSlot ?? {};
  return {
    ownName: {
      ...(id !== undefined && { leadsTo: id }),
      current: id !== undefined && id === versions.at(-1)?.id,
      ...(blocked && { code: blocked.code, seenAt: at(blocked.seenAtMs) }),
      ...(blocked?.instances && { instances: [...blocked.instances], count: blocked.count ?? 0 }),
      ...(work?.nextTryAtMs !== undefined && { nextTryAt: at(work.nextTryAtMs) }),
    },
  };
}
