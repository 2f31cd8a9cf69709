// How many hosts fit into one record.
import type { Host } from '../../hosts/hosts.ts';
import { hostName } from './policy.ts';

/** A record has 100 KB: this much for the hosts as listed, and for the progress of each in every rotation that is not over. */
const HOSTS_BYTES = 85_000;
const PROGRESS_BYTES = 110;
/** Two rotations whose old key is still valid, and the one before them, which is over and shown whole. */
const ROTATIONS_AT_ONCE = 3;

export function fitIntoRecord(hosts: readonly Host[]): boolean {
  const listed = hosts.reduce((sum, host) => sum + JSON.stringify(host).length, 0);
  const worked = hosts.reduce((sum, host) => sum + hostName(host).length + PROGRESS_BYTES, 0);
  return listed + ROTATIONS_AT_ONCE * worked <= HOSTS_BYTES;
}
