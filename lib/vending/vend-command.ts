// What is asked of vending.
import type { Deadline } from '../clock.ts';
import type { Identity } from '../identity.ts';
import type { Request } from './record.ts';

export interface VendCommand {
  readonly identity: Identity;
  readonly request: Request;
  /** Who asks, for the record. */
  readonly caller: string;
  /** When an answer has to be there. Nothing is begun that cannot be finished by then. */
  readonly deadline: Deadline;
  /** Of a rotation's successor: the name of the key pair it is to replace, under which its key is kept. */
  readonly successorOf?: string;
  /** Instead of a new UUID. */
  readonly attemptId?: string;
}
