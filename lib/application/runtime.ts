// What requests, messages and schedules are carried out with. The platform decides where it comes from (lib/platforms).
import type { InvalidField } from '../contract/problem-of.ts';
import type { FailureCode } from '../errors.ts';
import type { HostRules } from '../hosts/host-rules.ts';
import type { Identity } from '../identity.ts';
import type { ProviderName } from '../provider-table.ts';
import type { Connect } from '../providers/connect.ts';
import type { Ports } from '../vending/ports.ts';
import type { CommandPorts, FleetFor, RotationSettings } from '../vending/rotation/rotation-ports.ts';
import type { Actor } from '../vending/trail-entry.ts';
import type { Authorising } from './authorise.ts';
import type { Digests } from './one-configuration.ts';

/** One line for each thing worth knowing: ids, names, codes and durations. Never a request's input, and never an answer. */
export interface Log {
  info(message: string, fields: object): void;
  /** Figures that are measured each time, and are a line only where there is something to say. */
  figures?(of: string, fields: object): void;
  /** What nobody failed by yet, and an operator has to look at. */
  warn(message: string, fields: object): void;
  /**
   * A failure by its code and ids; of one that is not ours, only what kind of error it is: its message may hold anything.
   * @param place whose it is, where the error does not say (about.ts)
   */
  failed(error: unknown, place?: Partial<Identity>): void;
}

/** How each cloud that a function serves is connected to. */
export type Connections = (provider: ProviderName) => Promise<Connect>;

/** In which regions an account can have key pairs. @throws {VendingError} as the reads of its cloud; ACCOUNT_UNKNOWN */
export type RegionsFor = (account: Pick<Identity, 'provider' | 'account'>) => Promise<readonly string[]>;

/** What reads and commands need: no cloud, no store, no host. */
export interface Records extends Pick<Ports, 'clock' | 'newId' | 'settings'>, Authorising {
  readonly log: Log;
  ledger(): Promise<Ports['ledger']>;
}

export interface Runtime extends Records {
  /** What needs no cloud. Made at the first call, once for the process. */
  ports(): Promise<Omit<Ports, 'providerFor'>>;
  /** All that the use cases act through. */
  portsFor(connections: Connections): Promise<Ports>;
  /** Begins, while a function is loaded, with what its first request would wait for. Fails in silence: that request tells. */
  prepare?(provider: ProviderName, connect: Connect): void;
  /** Announces that a message can never succeed. @param errors what of its body is wrong */
  refuse(messageId: string, code: FailureCode, errors?: readonly InvalidField[]): Promise<void>;
}

/** What rotation and retiring need besides that. */
export interface ForRotation {
  readonly rotation: RotationSettings;
  /** Which hosts a policy may list, and a worker may log in on. */
  readonly hostRules: HostRules;
  /** How many workers may be busy with one caller's hosts at a time. */
  readonly workersPerCaller: number;
  /** What these functions go by; the schedule states it for all. */
  own(): Digests;
  /** Hands a key pair to the rotation worker. @param afterMs not before that long; up to 15 minutes */
  wake(identity: Identity, afterMs?: number): Promise<void>;
}

/** What asks which machines have a key pair. */
export interface ForFleets {
  readonly fleetFor: FleetFor;
}

/** What a command needs that asks for a rotation, or for anything that its worker does later. */
export const commandPorts = async (records: Records & ForRotation, actor: Actor): Promise<CommandPorts> => {
  const { clock, newId, settings, rotation } = records;
  return { ledger: await records.ledger(), clock, newId, settings, rotation, actor };
};

/** What is done because its time has come. */
export const itself: Actor = { door: 'schedule', who: 'keyvend' };
