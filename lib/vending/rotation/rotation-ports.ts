// The ports that rotation acts through, in addition to those of vending.
import type { Hosts } from '../../hosts/hosts.ts';
import type { Identity } from '../../identity.ts';
import type { Fleet } from '../../providers/fleet.ts';
import type { Ports } from '../ports.ts';
import type { PolicyDefaults } from './policy.ts';

export interface RotationSettings {
  /** What applies where a key pair's own policy says nothing. */
  readonly defaults: PolicyDefaults;
  /** How long a worker may act on a rotation. Longer than its function may run. */
  readonly leaseMs: number;
  /** How long a retired key pair can be restored. */
  readonly graceMs: number;
}

/** The ports that a command needs: no cloud, no host, no key. */
export interface CommandPorts extends Pick<Ports, 'ledger' | 'clock' | 'newId' | 'settings' | 'actor'> {
  readonly rotation: RotationSettings;
}

/** @throws {VendingError} ACCOUNT_MOVED, and what the cloud said of the account's access key */
export type FleetFor = (identity: Identity) => Promise<Fleet>;

export interface RotationPorts extends Ports, CommandPorts {
  readonly hosts: Hosts;
  /** Absent where nothing may be asked of instances. */
  readonly fleetFor?: FleetFor;
}
