// The key of another pair that may edit where the rotated key's own line forbids it. Whoever names it in a policy had the right to
// (`use`); where it logs in is for the policy of its own key pair to say, and is asked each time before the key is taken out of
// the store. Otherwise anybody could send another team's key to a host of their own.
import { VendingError } from '../../errors.ts';
import type { Host } from '../../hosts/hosts.ts';
import type { Secret } from '../../secret.ts';
import { accountName, policyOf } from './policy.ts';
import type { Work } from './rotation-record.ts';
import type { WorkLease } from './work-lease.ts';

/** Fetches it for one host. @throws {VendingError} HOST_NOT_MANAGED; MANAGEMENT_KEY_ABSENT when there is none, or none stored */
export type ManagementKey = (host: Host) => Promise<Secret>;

/** @returns undefined where the policy names none */
export function managementKeyOf({
  ports,
  identity,
  record,
}: Pick<WorkLease<Work>, 'ports' | 'identity' | 'record'>): ManagementKey | undefined {
  const { defaults } = ports.rotation;
  const { managementKey: name } = policyOf(record, defaults);
  if (name === undefined) return undefined;
  const at = { ...identity, name };
  let revealed: Promise<Secret | undefined> | undefined;
  return async (host) => {
    const own = (await ports.ledger.read(at))?.record;
    if (own === undefined) throw managementKeyAbsent();
    const inUse = own.state === 'active' && own.successorOf === undefined;
    const listed = inUse && policyOf(own, defaults).hosts.some((one) => accountName(one) === accountName(host));
    if (!listed)
      throw new VendingError('HOST_NOT_MANAGED', "The management key pair's own policy does not list the host");
    revealed ??= ports.store.reveal(at);
    const key = await revealed;
    if (key === undefined) throw managementKeyAbsent();
    return key;
  };
}

const managementKeyAbsent = () =>
  new VendingError('MANAGEMENT_KEY_ABSENT', 'The management key pair that the policy names is not there');
