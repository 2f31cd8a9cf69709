// Hosts that are found rather than listed: which instances a policy means, and what was found of them.
import type { Host, JumpHost } from '../../hosts/hosts.ts';
import type { Tags } from '../../providers/provider.ts';

/** Instances of the key pair's own place. All that it says must hold; one of the first three is said. */
export interface Target {
  /** Those that carry all of these tags. */
  readonly tags?: Tags;
  /** Those with these ids. */
  readonly instances?: readonly string[];
  /** Those that have a pair of this key pair: the one that counts, its successor or one that lingers. */
  readonly attached?: true;
  /** At which of its addresses a machine is logged in on: the first of that kind. */
  readonly addresses: 'private' | 'public';
  readonly port: number;
  readonly user: string;
  /** As of a host that is listed; the same for all that are found. */
  readonly hostKeys: readonly string[];
  readonly via?: JumpHost | undefined;
}

export interface FoundHost {
  readonly instance: string;
  readonly host: Host;
}

export interface Found {
  readonly seenAtMs: number;
  readonly hosts: readonly FoundHost[];
  /** Instances that have no address of the kind that is asked for. */
  readonly unaddressed: number;
  /** The first of those that were new, or missing, when it last changed. */
  readonly came: readonly string[];
  readonly left: readonly string[];
  readonly changedAtMs: number;
  /** By `hostName`, of hosts that left and whose host key is recorded: which instance showed it. Another one at the address begins anew. */
  readonly showed?: Readonly<Record<string, string>>;
}
