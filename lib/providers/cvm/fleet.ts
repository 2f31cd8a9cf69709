// CVM's instances, 2017-03-12. The pair's own record names the instances that have it; images that hold it are in no record.
// What is asked of it is beside this file, and each has its source.
import type { Fleet, Instance } from '../fleet.ts';
import { changeAttachments } from './attachments.ts';
import { asCalls, type CvmFleetOptions, cvmCalls } from './calls.ts';
import { instancesWhere } from './instances.ts';
import { pairsOf } from './pairs.ts';
import { referenceKinds, referencesTo } from './references.ts';
import { rename } from './rename.ts';
import { retarget } from './retarget.ts';

export function cvmFleet(options: CvmFleetOptions): Fleet {
  const send = cvmCalls(options);
  const calls = { cvm: send, as: asCalls(options) };

  return {
    provider: 'cvm',
    referenceKinds,
    instances: (where, call) => instancesWhere(send, where, call),

    async holders(pair, call) {
      const records = await pairsOf(send, pair, call);
      const ids = [...new Set(records.flatMap(({ instanceIds }) => instanceIds))];
      const found = new Map(
        (await instancesWhere(send, { region: pair.region, ids }, call)).map((one) => [one.id, one]),
      );
      return ids.map((id) => found.get(id) ?? gone(id, records));
    },

    attach: async (pair, instanceIds, call) => changeAttachments(send, pair, { instanceIds, detaches: false }, call),
    detach: async (pair, instanceIds, call) => changeAttachments(send, pair, { instanceIds, detaches: true }, call),

    rename: (pair, to, call) => rename(send, pair, to, call),
    retarget: (reference, to, call) => retarget(calls, reference, to, call),

    async references(pair, call, kinds = referenceKinds) {
      const ids = pair.id === undefined ? (await pairsOf(send, pair, call)).map(({ id }) => id) : [pair.id];
      return referencesTo(calls, pair.region, ids, kinds, call);
    },
  };
}

/** An instance that only the pair's record still knows. */
const gone = (id: string, records: Awaited<ReturnType<typeof pairsOf>>): Instance => ({
  id,
  status: 'gone',
  privateAddresses: [],
  publicAddresses: [],
  keyPairs: records.filter(({ instanceIds }) => instanceIds.includes(id)).map((record) => record.id),
});
