// Calls to DynamoDB, and what their failures mean to a ledger: a condition that did not hold, or a table that cannot be asked.
// Source: Amazon DynamoDB API Reference and Developer Guide, "Error handling with DynamoDB".
import { type AwsOptions, awsCaller } from '../../aws/call.ts';
import type { Deadline } from '../../clock.ts';
import { type FailureDetails, VendingError } from '../../errors.ts';
import type { Failure, Fields } from '../../transport/tries.ts';

/** The write's condition did not hold. `unsure`: an earlier try of the same write may have been carried out. */
export interface Refused {
  readonly unsure: boolean;
}

export interface Dynamo {
  read(action: 'GetItem' | 'BatchGetItem' | 'Query' | 'DescribeTable', input: object): Promise<Fields>;
  /** Only for writes that may be carried out twice, or whose condition prevents that. */
  write(action: 'PutItem' | 'UpdateItem', input: object, signBefore?: Deadline): Promise<'done' | Refused>;
  /** Waits before try 1, 2, ... of anything else that is repeated, and not before the first one. */
  pause(tried: number): Promise<void>;
}

export function dynamo(options: AwsOptions): Dynamo {
  const { call, pause } = awsCaller({ name: 'dynamodb', target: 'DynamoDB_20120810', json: '1.0' }, options);
  return {
    pause,
    async read(action, input) {
      const outcome = await call(action, input);
      if ('fields' in outcome) return outcome.fields;
      throw failed(action, { ...outcome.failure, unsure: false });
    },
    async write(action, input, signBefore) {
      const outcome = await call(action, input, signBefore);
      if ('fields' in outcome) return 'done';
      const { failure } = outcome;
      if (failure.upstreamCode === 'ConditionalCheckFailedException') return { unsure: failure.unsure };
      throw failed(action, failure);
    },
  };
}

export const unavailable = (message: string, details?: FailureDetails): VendingError =>
  new VendingError('LEDGER_UNAVAILABLE', message, details);

const failed = (action: string, { why, unsure, refused: _, ...details }: Failure): VendingError =>
  unavailable(`The ledger's table could not be reached (${action}: ${why})`, {
    effect: unsure ? 'unknown' : 'none',
    ...details,
  });
