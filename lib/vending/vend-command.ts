// What vending is asked to do.
import type { Deadline } from '../clock.ts';
import type { Identity } from '../identity.ts';
import type { Request } from './record.ts';

/** As in `Ledger.claim`. */
interface Places {
  readonly group: string;
  readonly most: number;
}

export interface VendCommand {
  readonly identity: Identity;
  readonly request: Request;
  /** The key of its secret where the request names none: it is on record as the request's, and makes no other request of it. */
  readonly usualSecretKey?: string;
  /** Who asks, for the record. */
  readonly caller: string;
  /** When an answer must be there. Nothing is begun that cannot be finished by then. */
  readonly deadline: Deadline;
  /** For a rotation's successor: the name of the key pair that it is to replace, under which its key is stored. */
  readonly successorOf?: string;
  /**
   * Asked once nothing else stands in the way of a new key pair, before anything is written down for it.
   * @returns the places among which it takes one, until nothing of it exists any more; undefined where they are not counted
   */
  readonly admit?: () => Promise<Places | undefined>;
  /** How many keys of other attempts may still be stored where this one's will be, as far as its own record does not tell. */
  readonly mayArrive?: number;
  /** Used instead of a new UUID. */
  readonly attemptId?: string;
}
