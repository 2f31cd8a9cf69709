// What vending is asked to do.
import type { Deadline } from '../clock.ts';
import type { Identity } from '../identity.ts';
import type { Request } from './record.ts';

export interface VendCommand {
  readonly identity: Identity;
  readonly request: Request;
  /** Who asks, for the record. */
  readonly caller: string;
  /** When an answer must be there. Nothing is begun that cannot be finished by then. */
  readonly deadline: Deadline;
  /** For a rotation's successor: the name of the key pair that it is to replace, under which its key is stored. */
  readonly successorOf?: string;
  /** Used instead of a new UUID. */
  readonly attemptId?: string;
}
