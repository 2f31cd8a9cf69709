// The ports that rotation acts through, in addition to those of vending.
import type { Hosts } from '../../hosts/hosts.ts';
import type { Identity } from '../../identity.ts';
import type { PairName } from '../../providers/provider.ts';
import type { CallLimits } from '../../transport/wire.ts';
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

/** What has a key pair, and what names one, as far as the cloud tells. */
export interface Fleet {
  /** Instances that the pair is attached to. */
  holders(pair: PairName & { readonly id?: string }, call: CallLimits): Promise<readonly { readonly id: string }[]>;
}

export interface RotationPorts extends Ports, CommandPorts {
  readonly hosts: Hosts;
  /** Absent where nothing may be asked of instances. */
  readonly fleetFor?: (identity: Identity) => Promise<Fleet>;
}
