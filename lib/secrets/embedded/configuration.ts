// The environment variables of the embedded store.
import * as z from 'zod/mini';
import { awsVariables, maybeAws } from '../../aws/environment.ts';
import { checkedBy, type Environment, filled, maybeOrigin } from '../../environment.ts';

/** How its key is kept: by default in a file beside it. */
export const embeddedVariables = () => ({
  /** The folder of everything that is stored on this machine. */
  KEYVEND_HOME: filled(),
  /** A file with a passphrase that the key is derived from. Its line end does not count. */
  KEYVEND_PASSPHRASE_FILE: z.optional(filled()),
  /** A key of AWS KMS that wraps the key: an id, ARN or alias. Asked with the credentials of the environment. */
  KEYVEND_SEAL_KMS_KEY: z.optional(filled()),
  AWS_ENDPOINT_URL_KMS: maybeOrigin(),
  ...maybeAws(),
});

/** @throws {TypeError} where two ways are set, or one without what it needs */
export function refuseUnfitSeal(values: Readonly<Record<string, unknown>>): void {
  const { KEYVEND_PASSPHRASE_FILE: passphrase, KEYVEND_SEAL_KMS_KEY: kms } = values;
  if (passphrase !== undefined && kms !== undefined)
    throw new TypeError('KEYVEND_PASSPHRASE_FILE and KEYVEND_SEAL_KMS_KEY are two ways to the same: set one of them');
  if (kms !== undefined) checkedBy(z.object(awsVariables()), values as Environment);
}
