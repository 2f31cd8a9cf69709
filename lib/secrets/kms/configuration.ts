// The environment variables of the store in Alibaba KMS, and those of them that a reader needs.
import * as z from 'zod/mini';
import { alibabaKeyVariables, regionName } from '../../alibaba/environment.ts';
import { filled, maybeOrigin } from '../../environment.ts';

export const kmsReading = () => ({
  /** The region of the KMS instance, such as `cn-hangzhou`. */
  KEYVEND_ALIBABA_KMS_REGION: z.string().check(z.regex(regionName)),
  /** Instead of `kms.<region>.aliyuncs.com`: `https://kms-vpc.<region>.aliyuncs.com` within a VPC. Secrets are not managed at an instance's own gateway. */
  KEYVEND_ALIBABA_KMS_ENDPOINT: maybeOrigin(),
  ...alibabaKeyVariables(),
  /** Certificates that KMS's is checked with, instead of Node's own. */
  KEYVEND_CA_FILE: z.optional(filled()),
});

export const kmsVariables = () => ({
  ...kmsReading(),
  /** The id of the KMS instance that new secrets are kept in, `kst-...`. It is bought; without one, KMS takes new secrets of few accounts. */
  KEYVEND_ALIBABA_KMS_INSTANCE: z.optional(z.string().check(z.regex(/^[\w-]{1,64}$/))),
  /** The id of a symmetric key in that instance, under which they are encrypted. */
  KEYVEND_ALIBABA_KMS_KEY: z.optional(z.string().check(z.regex(/^[\w-]{1,64}$/))),
});

/** @throws {TypeError} for half an access key, and for an instance without a key or a key without an instance */
export function refuseUnfitKms(values: Readonly<Record<string, unknown>>): void {
  const belongTogether = [
    ['ALIBABA_CLOUD_ACCESS_KEY_ID', 'ALIBABA_CLOUD_ACCESS_KEY_SECRET'],
    ['KEYVEND_ALIBABA_KMS_INSTANCE', 'KEYVEND_ALIBABA_KMS_KEY'],
  ] as const;
  for (const [one, other] of belongTogether)
    if ((values[one] === undefined) !== (values[other] === undefined))
      throw new TypeError(`${one} and ${other} belong together: set both, or none`);
}
