// The embedded store's key wrapped by AWS KMS: in the store's file is what only KMS can open, and who may ask it is for IAM to say. Asked
// once for each process, when the store is opened. Source: AWS KMS API Reference, GenerateDataKey and Decrypt (AWS JSON 1.1).
import { type AwsOptions, awsCaller } from '../../aws/call.ts';
import { VendingError } from '../../errors.ts';
import type { Failure } from '../../transport/tries.ts';
import type { KeyWrapping } from './embedded-key.ts';

/** @param keyId an id, ARN or alias @param deployment in the encryption context, so that another one's is not opened by mistake */
export function kmsWrapping(options: AwsOptions, keyId: string, deployment: string): KeyWrapping {
  const kms = awsCaller({ name: 'kms', target: 'TrentService', json: '1.1' }, options);
  const EncryptionContext = { keyvend: deployment };

  async function asked(
    action: 'GenerateDataKeyWithoutPlaintext' | 'Decrypt',
    input: object,
    field: string,
  ): Promise<Buffer> {
    const outcome = await kms.call(action, { ...input, EncryptionContext });
    if (!('fields' in outcome)) throw failed(action, outcome.failure);
    const bytes = Buffer.from(String(outcome.fields[field] ?? ''), 'base64');
    if (bytes.length > 0) return bytes;
    throw new VendingError('STORE_UNAVAILABLE', `KMS answered ${action} without a key`);
  }

  return {
    make: () => asked('GenerateDataKeyWithoutPlaintext', { KeyId: keyId, KeySpec: 'AES_256' }, 'CiphertextBlob'),
    unwrap: (wrapped) =>
      asked('Decrypt', { KeyId: keyId, CiphertextBlob: Buffer.from(wrapped).toString('base64') }, 'Plaintext'),
  };
}

/** A key that is disabled, or that this process may not use, stays so until somebody changes it. */
const failed = (action: string, { refused, why, upstreamCode, requestId }: Failure) =>
  new VendingError(
    refused ? 'STORE_REFUSED' : 'STORE_UNAVAILABLE',
    `KMS did not open the secret store's key (${action}: ${why})`,
    {
      ...(upstreamCode === undefined ? {} : { upstreamCode }),
      ...(requestId === undefined ? {} : { requestId }),
    },
  );
