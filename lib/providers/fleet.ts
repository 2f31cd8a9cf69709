// The port: what keyvend asks of a cloud about the machines that use a key pair. It stands beside KeyPairProvider, so that the
// functions that vend do not bring it along. A cloud's own words stop at its adapter.
import type { VendingError } from '../errors.ts';
import type { ProviderName } from '../provider-table.ts';
import type { CallLimits } from '../transport/wire.ts';
import type { PairName, Tags } from './provider.ts';

/** A pair, with its id where that is known: CVM is asked by id, and looks it up by the name where there is none. */
export type UsedPair = PairName & { readonly id?: string };

/** One machine. */
export interface Instance {
  readonly id: string;
  readonly name?: string;
  /** `gone`: the pair's record still names it, and there is no such instance any more. That passes by itself, some time later. */
  readonly status: 'running' | 'stopped' | 'other' | 'gone';
  /** IPv4 or IPv6, as text. */
  readonly privateAddresses: readonly string[];
  readonly publicAddresses: readonly string[];
  /** The pairs that it has by its own account: names on Alibaba, ids on Tencent. ENS shows the name of a pair that is gone, too. */
  readonly keyPairs: readonly string[];
  /** Absent where the service does not show them: ENS filters by tags, and tells none. */
  readonly tags?: Tags;
}

export type ReferenceKind = 'launch-template' | 'scaling-configuration' | 'launch-configuration';

/** What names a pair without being a machine, and fails to launch one when the pair is gone. */
export interface Reference {
  readonly kind: ReferenceKind;
  readonly region: string;
  readonly id: string;
  readonly name?: string;
  /** Templates: one reference for each version that names the pair. */
  readonly version?: number;
  readonly isDefault?: boolean;
  /** What of the pair it holds: a name leads to whichever pair has it at launch, an id to this pair alone. */
  readonly by: 'name' | 'id';
}

/** What became of one instance of an `attach` or a `detach`. */
export type InstanceOutcome = { readonly id: string } & (
  | {
      /**
       * `done`: the cloud has accepted it; a guest that runs learns of it when it boots. An instance that is gone counts as detached.
       * `gone`: there is no such instance to attach to. `not-stopped`: this service does it to stopped instances alone. Neither
       * of the two was changed.
       */
      readonly outcome: 'done' | 'gone' | 'not-stopped';
    }
  | { readonly outcome: 'refused' | 'unknown'; readonly failure: VendingError }
);

export interface BindingLimits extends CallLimits {
  /** CVM: switch running instances off, hard, and on again. Elsewhere there is nothing that it could force. Default false. */
  readonly force?: boolean;
}

export interface Fleet {
  readonly provider: ProviderName;
  /** What `references` looks through; none where nothing but instances can name a pair. */
  readonly referenceKinds: readonly ReferenceKind[];

  /**
   * The instances that have a pair by the cloud's own record, over all pages. None does not mean that the pair can be deleted:
   * images hold pairs too (CVM), and the record of an instance that was just released may lag.
   * @throws {VendingError} as the reads of KeyPairProvider; LISTING_UNSETTLED when it kept changing
   */
  holders(pair: UsedPair, call: CallLimits): Promise<readonly Instance[]>;

  /**
   * Instances by ids, by tags (all of which they must carry) or by both; all of a region where neither is given.
   * An id that does not exist is left out.
   */
  instances(
    where: { readonly region: string; readonly ids?: readonly string[]; readonly tags?: Tags },
    call: CallLimits,
  ): Promise<readonly Instance[]>;

  /**
   * What else names the pair. No service can be asked for that: all templates and configurations are listed and compared.
   * @param kinds default all of `referenceKinds`; one at a time, where the rights to read another may be missing
   */
  references(pair: UsedPair, call: CallLimits, kinds?: readonly ReferenceKind[]): Promise<readonly Reference[]>;

  /**
   * Binds the pair to instances, in place of the one that they have, in batches as large as the service permits. No instance is
   * sent twice, but for the others of a batch that was refused as a whole for one of them (CVM): nothing was done to those.
   * @returns one outcome for each id, in their order
   * @throws {VendingError} only when nothing was sent
   */
  attach(pair: UsedPair, instanceIds: readonly string[], call: BindingLimits): Promise<readonly InstanceOutcome[]>;

  /** The reverse. On ECS and CVM the guest may permit password logins afterwards. */
  detach(pair: UsedPair, instanceIds: readonly string[], call: BindingLimits): Promise<readonly InstanceOutcome[]>;

  /**
   * Gives a pair another name; it keeps its id and its instances. Absent where the service has no such call. Sent once.
   * @throws {VendingError} NAME_TAKEN, with an unknown effect: the pair's own name may count as taken, so it may have it already
   */
  rename?(pair: PairName & { readonly id: string }, to: string, call: CallLimits): Promise<void>;

  /**
   * Makes what names one pair name another: a configuration is changed in place; a template gets a copy of its default version
   * with the other pair, which becomes the default if it is like the old one in everything else. May be sent again whatever came
   * of it: a copy that is there is not made twice. Absent where there is nothing of the kind.
   * @param reference of a template, only that of its default version: others are chosen by number, and keep theirs
   * @returns the template's new version
   * @throws {VendingError} as the changes of KeyPairProvider; `effect` tells whether it may launch with the other pair by now.
   * CLOUD_REFUSED also when the template has another default version by now, or holds what cannot be copied
   * @throws {TypeError} for a version that is not the default one
   */
  retarget?(reference: Reference, to: UsedPair, call: CallLimits): Promise<{ readonly version?: number }>;
}
