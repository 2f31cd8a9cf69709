// The alarms on what functions log: which lines are counted, and from how many on somebody is alerted. `minutes` say why they are as
// long as they are: an alarm must neither miss what comes that seldom nor come and go with it.
import { loggingInFunctions, vendingFunctions } from './words.ts';

/** So many of the last periods must have been bad. */
export interface Periods {
  readonly bad: number;
  readonly of: number;
}

export interface Logged {
  /** Also its kind, and so its section in the runbook. */
  readonly name: string;
  readonly functions: readonly string[];
  /** CloudWatch Logs: "Filter pattern syntax for metric filters". */
  readonly pattern: string;
  /** The part of a line that is the metric's value; without it, lines are counted. */
  readonly value?: string;
  readonly says: string;
  readonly from: number;
  /** Default 15. */
  readonly minutes?: number;
  /** Default the last one. */
  readonly periods?: Periods;
}

const vendingQueues = vendingFunctions.filter((name) => name.endsWith('Queue'));

/** The functions answer these as they should, so no metric of Lambda's shows them. */
export const logged: readonly Logged[] = [
  {
    name: 'OpenAttempts',
    functions: vendingFunctions,
    pattern: '{ $.message = "failed" && $.effect = "unknown" }',
    says: 'It is not known whether some attempts made a pair; recovery settles them within minutes.',
    from: 5, // one now and then is a lost answer
  },
  {
    name: 'DoubtfulKeys',
    functions: vendingFunctions,
    pattern: '{ $.code = "KEY_CONTRADICTED" || $.code = "KEY_UNPROVEN" || $.code = "KEY_UNREADABLE" }',
    says: 'A cloud handed out a key that its own evidence contradicts or does not prove, or that cannot be read.',
    from: 1,
  },
  {
    name: 'LateMessages',
    functions: [...vendingQueues, 'rotationWorker'],
    pattern: '{ $.message = "message late" }',
    says: 'A message was put back again and again for half an hour; the log says by which code.',
    from: 1,
    minutes: 30, // longer than a message is ever put back for
  },
  {
    name: 'StalledRotations',
    functions: loggingInFunctions,
    pattern: '{ $.message = "rotation stalled" || $.message = "purge stalled" }',
    says: 'A rotation, or a purge, has failed for an hour or more; the key pair itself says why and what to do.',
    from: 1,
    minutes: 180, // it is tried every hour; and the look at the hosts, once a day, has a purge counted anew for an hour
  },
  {
    name: 'LingeringPairs',
    functions: ['rotationWorker'],
    pattern: '{ $.message = "pair lingers" }',
    says: 'A cloud does not let go of an old pair, mostly because instances have it; the key pair itself says which.',
    from: 1,
    minutes: 6 * 60,
    periods: { bad: 1, of: 6 }, // it is tried every day
  },
  {
    name: 'LateRotations',
    functions: ['rotationDue'],
    pattern: '{ $.message = "rotation late" }',
    says: 'What a rotation has to do has been due for an hour, and no worker takes it.',
    from: 1,
    minutes: 10, // it is handed out every five minutes until one does
    periods: { bad: 2, of: 3 }, // once is the backlog of a key pair that was restored
  },
  {
    name: 'UnsettledAttempts',
    functions: ['recoverySettle'],
    pattern: '{ $.message = "recovered" && $.failed > 0 }',
    says: 'For half an hour, recovery could not settle an attempt or publish an event.',
    from: 1,
    minutes: 10, // what failed is tried again after five
    periods: { bad: 3, of: 3 },
  },
  {
    name: 'Conflicts',
    functions: ['recoverySettle'],
    pattern: '{ $.message = "conflict" }',
    says: 'A pair has the name of an attempt and is not provably ours; a person must decide.',
    from: 1,
    minutes: 30, // it is looked at every 15
  },
  {
    name: 'QuotaUsedPercent',
    functions: ['recoveryCount'],
    pattern: '{ $.message = "usage" }',
    value: '$.percent',
    says: 'A region is close to its quota of key pairs; creates will fail when it is reached.',
    from: 90,
    minutes: 40, // counted every 15, and one count may fail
  },
  {
    name: 'Discrepancies',
    functions: ['recoveryReconcile'],
    pattern: '{ $.message = "finding" }',
    says: 'Ledger, cloud and secret store do not agree about a key pair; the function logged which.',
    from: 1,
    minutes: 6 * 60,
    periods: { bad: 1, of: 5 }, // compared once a day
  },
];
