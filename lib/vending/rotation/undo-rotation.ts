// cancelling -> cancelled: the new line goes from the hosts, then its pair and its key. The old key was never touched.
import { removeKey } from '../../hosts/keys-on-host.ts';
import type { Identity } from '../../identity.ts';
import { inProgress } from '../attempt-lease.ts';
import type { Version } from '../record.ts';
import { settle } from '../settle.ts';
import { hostsOf, progressOf } from './coverage.ts';
import { onHosts } from './on-hosts.ts';
import { purgeVersion } from './purge-version.ts';
import { type At, abandon, ended, keyOf, markOf, missed } from './step-support.ts';

export async function putBack(at: At): Promise<number | undefined> {
  const { parts, identity, work } = at;
  if (work.successor !== undefined) {
    const old = await keyOf(at, work.from.id);
    const { publicKey } = work.successor;
    await onHosts(at, {
      needs: ({ added }) => added === true,
      act: (reach) => removeKey(reach, { publicKey }, old),
      after: () => ({ outcome: 'unverified' }),
    });
    const listed = hostsOf(at.record, at.work, parts.rotation.defaults);
    if (listed.some((host) => progressOf(at.work, host).added)) throw missed();
  }
  const name = work.successorName;
  const successor = await unfinished(at, { ...identity, name });
  if (successor !== undefined) {
    const againAtMs = await purgeVersion(at, { ...successor, upstreamName: name }, markOf(at));
    if (againAtMs !== undefined) return againAtMs;
  }
  await at.change((rotation) => ended(at, rotation, 'cancelled'));
}

/** The successor's version, once nobody can be making it any more. */
async function unfinished(at: At, successor: Identity): Promise<Version | undefined> {
  const { parts, identity } = at;
  const filed = await parts.ledger.read(successor);
  if (filed?.record.successorOf !== identity.name) return undefined; // a name that somebody else had
  if (filed.record.attempt !== undefined) await settle(parts, await parts.providerFor(successor), filed);
  const record = (await parts.ledger.read(successor))?.record;
  // Somebody else has the name, too: recovery looks at it again when that is over, which may be never.
  if (record?.state === 'conflict') return void (await abandon(at));
  if (record?.attempt !== undefined) throw inProgress((record.settleAtMs ?? 0) - parts.clock.wallMs());
  return record?.versions.at(-1);
}
