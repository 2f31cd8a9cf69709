// What rotation acts through, beside what vending does.
import type { Hosts } from '../../hosts/hosts.ts';
import type { Ports } from '../ports.ts';
import type { Policy } from './policy.ts';

export interface RotationSettings {
  /** What a key pair's own policy does not say. */
  readonly defaults: Policy;
  /** How long a worker may act on a rotation. Longer than its function may run. */
  readonly leaseMs: number;
  /** How long a retired key pair can be restored. */
  readonly graceMs: number;
}

/** What is needed to ask for something: no cloud, no host, no key. */
export interface CommandPorts extends Pick<Ports, 'ledger' | 'clock' | 'newId' | 'settings'> {
  readonly rotation: RotationSettings;
}

export interface RotationPorts extends Ports, CommandPorts {
  readonly hosts: Hosts;
}
