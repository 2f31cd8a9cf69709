// staged -> rolled-out -> proven: the new line beside the old one on every host, and logins with the new key.
import { addKey, type Key, proveKey } from '../../hosts/keys-on-host.ts';
import { covered, hostsOf, mayFail } from './coverage.ts';
import { onHosts, type Pass } from './on-hosts.ts';
import type { HostProgress } from './rotation-record.ts';
import { type At, bothKeys, keyOf, missed, to } from './step-support.ts';

export async function rollOut(at: At): Promise<undefined> {
  const { defaults } = at.parts.rotation;
  if (hostsOf(at.record, at.work, defaults).length > 0) {
    const [old, next] = await bothKeys(at);
    await onHosts(at, { ...adding(old, next), mayFail: mayFail(at.record, at.work, defaults) });
  }
  if (!covered(at.record, at.work, defaults)) throw missed();
  return to(at, 'rolled-out');
}

/** Every host once more, by a login of its own. */
export async function prove(at: At): Promise<undefined> {
  const { defaults } = at.parts.rotation;
  const next = await keyOf(at, at.work.successor?.id);
  await onHosts(at, {
    needs: ({ outcome }) => outcome === 'ok',
    act: (reach) => proveKey(reach, next),
    after: (progress) => progress,
    mayFail: mayFail(at.record, at.work, defaults),
  });
  if (covered(at.record, at.work, defaults)) return to(at, 'proven');
  await to(at, 'staged'); // where the line of a host that refuses is looked at once more
  throw missed();
}

/** That it may be there is written before it is sent, so that cancelling knows where to look. */
export const adding = (old: Key, next: Key): Pass => ({
  needs: ({ outcome }) => outcome !== 'ok',
  before: (progress) => ({ ...progress, added: true }),
  async act(reach) {
    await addKey(reach, old, next);
    return proveKey(reach, next);
  },
  after: (progress): HostProgress => ({ ...progress, outcome: 'ok' }),
});
