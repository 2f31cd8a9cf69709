// The calls to AWS Secrets Manager, and what their failures mean for keys that are stored there.
// Source: AWS Secrets Manager API Reference (2017-10-17), "Common errors" and each action's errors.
import { type AwsOptions, awsCaller } from '../../aws/call.ts';
import type { Deadline } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import type { Fields } from '../../transport/tries.ts';

type Reading = 'DescribeSecret' | 'GetSecretValue' | 'ListSecrets' | 'ListSecretVersionIds';
type Writing =
  | 'CreateSecret'
  | 'PutSecretValue'
  | 'UpdateSecretVersionStage'
  | 'DeleteSecret'
  | 'RestoreSecret'
  | 'TagResource'
  | 'UpdateSecret';

/** Refusals that an action's caller can do something about. */
export type Expected =
  | 'ResourceNotFoundException'
  | 'ResourceExistsException'
  /** Not in this state: mostly a scheduled deletion. AWS says which only in its message, so we look for ourselves. */
  | 'InvalidRequestException'
  | 'InvalidParameterException'
  | 'InvalidNextTokenException';

export interface SecretsManager {
  /**
   * @returns the answer's fields, or the refusal when it is one of those expected
   * @throws {VendingError} STORE_REFUSED for any other refusal, STORE_UNAVAILABLE where no clear answer came
   */
  send<E extends Expected = never>(action: Reading | Writing, input: object, ...expected: E[]): Promise<Fields | E>;
  pause(tried: number): Promise<void>;
  /** The same client, which signs nothing after that moment. */
  signingBefore(moment: Deadline | undefined): SecretsManager;
}

const reading: ReadonlySet<string> = new Set<Reading>([
  'DescribeSecret',
  'GetSecretValue',
  'ListSecrets',
  'ListSecretVersionIds',
]);

export function secretsManager(options: AwsOptions): SecretsManager {
  const service = { name: 'secretsmanager', target: 'secretsmanager', json: '1.1' } as const;
  const { call, pause } = awsCaller(service, { timeoutMs: 5_000, ...options });
  const signing = (signBefore?: Deadline): SecretsManager => ({
    pause,
    signingBefore: signing,
    async send(action, input, ...expected) {
      const result = await call(action, input, signBefore);
      if ('fields' in result) return result.fields;
      const { why, refused, unsure, upstreamCode, requestId, cause } = result.failure;
      const known = expected.find((code) => code === upstreamCode);
      if (refused && known !== undefined) return known;
      const said = {
        ...(upstreamCode === undefined ? {} : { upstreamCode }),
        ...(requestId === undefined ? {} : { requestId }),
        cause,
      };
      const inDoubt = unsure && !reading.has(action);
      if (refused && !inDoubt) {
        throw new VendingError('STORE_REFUSED', `The secrets manager refused ${action} (${why})`, said);
      }
      const what = `The secrets manager could not be reached (${action}: ${why})`;
      throw new VendingError('STORE_UNAVAILABLE', what, { ...said, effect: inDoubt ? 'unknown' : 'none' });
    },
  });
  return signing();
}

/** For a success that lacks what its documentation promises. */
export const unusable = (action: Reading | Writing): VendingError => {
  const what = `The secrets manager answered ${action} in a way that cannot be used`;
  return new VendingError('STORE_UNAVAILABLE', what, { effect: reading.has(action) ? 'none' : 'unknown' });
};

/** For a refusal that is not explained by what AWS shows: it is eventually consistent, so it may show an earlier state. */
export const unexplained = (action: Writing, upstreamCode: Expected): VendingError => {
  const what = `The secrets manager refused ${action} (${upstreamCode}) and shows no reason yet`;
  return new VendingError('STORE_UNAVAILABLE', what, { upstreamCode });
};
