// The calls to Alibaba KMS, and what their failures mean for keys that are stored there. Source: KMS 2016-01-20, "Error codes" of each action.
import { type AlibabaOptions, alibabaCaller } from '../../alibaba/call.ts';
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
  | 'TagResource';

/** Refusals that an action's caller can do something about. What is not there has a code that begins with Forbidden. */
export type Expected =
  | 'Forbidden.ResourceNotFound'
  | 'Rejected.ResourceExist'
  | 'Rejected.ResourceInDeleteWindow'
  | 'Rejected.ResourceInUse'
  | 'Rejected.InvalidRequest'
  | 'Rejected.UnsupportedOperation'
  | 'InvalidParameter';

export interface Kms {
  /**
   * @returns the answer's fields, or the refusal when it is one of those expected
   * @throws {VendingError} STORE_REFUSED for any other refusal, STORE_UNAVAILABLE where no clear answer came
   */
  send<E extends Expected = never>(
    action: Reading | Writing,
    input: Readonly<Record<string, string | undefined>>,
    ...expected: E[]
  ): Promise<Fields | E>;
  pause(tried: number): Promise<void>;
  /** The same client, which signs nothing after that moment. */
  signingBefore(moment: Deadline | undefined): Kms;
}

const reading: ReadonlySet<string> = new Set<Reading>([
  'DescribeSecret',
  'GetSecretValue',
  'ListSecrets',
  'ListSecretVersionIds',
]);

/** What KMS says of an account without an instance that secrets can be kept in; and of one that it does not know. */
const withoutInstance: ReadonlySet<string | undefined> = new Set([
  'Rejected.ShareQuotaExceedLimit',
  'UnsupportedOperation',
  'Forbidden.DKMSInstanceNotFound',
  'Forbidden.DKMSInstanceStateInvalid',
]);

const VERSION = '2016-01-20';

export function kmsCalls(options: Omit<AlibabaOptions, 'version'>): Kms {
  const caller = alibabaCaller({ ...options, version: VERSION });
  // The metadata of KMS's API has the value of a secret in the URL, where many log it. A form is used where KMS reads that, which mostly the
  // text says that no key is stored yet; else the URL is as secret as the key, and nobody is shown it. What was read once is read.
  let reads: 'form' | 'query' | undefined;

  async function carriedOut(
    action: string,
    { SecretData: value, ...query }: Readonly<Record<string, string | undefined>>,
    signBefore: Deadline | undefined,
  ) {
    if (value === undefined) return caller.call(action, { query }, signBefore);
    if (reads !== 'query') {
      const result = await caller.call(action, { query, form: { SecretData: value } }, signBefore);
      if ('fields' in result) reads = 'form';
      if (reads === 'form' || !('failure' in result) || !isWithoutValue(result.failure.upstreamCode)) return result;
    }
    const result = await caller.call(action, { query: { ...query, SecretData: value } }, signBefore);
    if ('fields' in result) reads = 'query';
    return result;
  }

  const signing = (signBefore?: Deadline): Kms => ({
    pause: caller.pause,
    signingBefore: signing,
    async send(action, input, ...expected) {
      const result = await carriedOut(action, input, signBefore);
      if ('fields' in result) return result.fields;
      const { why, refused, unsure, upstreamCode, requestId, cause } = result.failure;
      const known = expected.find((code) => code === upstreamCode);
      if (refused && known !== undefined) return known;
      const said = {
        ...(upstreamCode !== undefined && { upstreamCode }),
        ...(requestId !== undefined && { requestId }),
        cause,
      };
      const inDoubt = unsure && !reading.has(action);
      if (refused && !inDoubt) throw new VendingError('STORE_REFUSED', refusal(action, why), said);
      const what = refused
        ? `KMS refused ${action} (${why}), and may have carried out an earlier try`
        : `KMS could not be reached (${action}: ${why})`;
      throw new VendingError('STORE_UNAVAILABLE', what, { ...said, effect: inDoubt ? 'unknown' : 'none' });
    },
  });
  return signing();
}

/** What is not read is missing to KMS, in one word or the other; asked once more, it says the same if something else is wrong. */
const isWithoutValue = (code: string | undefined) => code === 'MissingParameter' || code === 'InvalidParameter';

const refusal = (action: string, why: string): string =>
  withoutInstance.has(why)
    ? `KMS takes no secret (${why}): it needs a KMS instance that is bought, enabled and named in KEYVEND_ALIBABA_KMS_INSTANCE`
    : `KMS refused ${action} (${why})`;

/** For a success that lacks what its documentation promises. */
export const unusable = (action: Reading | Writing): VendingError => {
  const what = `KMS answered ${action} in a way that cannot be used`;
  return new VendingError('STORE_UNAVAILABLE', what, { effect: reading.has(action) ? 'none' : 'unknown' });
};

/** For a refusal that is not explained by what KMS shows. */
export const unexplained = (action: Writing, upstreamCode: Expected): VendingError =>
  new VendingError('STORE_UNAVAILABLE', `KMS refused ${action} (${upstreamCode}) and shows no reason yet`, {
    upstreamCode,
  });
