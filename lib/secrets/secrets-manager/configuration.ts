// The environment variables of the store in AWS Secrets Manager, and those of them that a reader needs.
import { awsVariables } from '../../aws/environment.ts';
import { filled, maybeOrigin } from '../../environment.ts';

export const secretsManagerReading = () => ({ ...awsVariables(), AWS_ENDPOINT_URL_SECRETS_MANAGER: maybeOrigin() });

export const secretsManagerVariables = () => ({
  ...secretsManagerReading(),
  /** A KMS key's id, ARN or alias, under which new secrets are encrypted. */
  KEYVEND_KMS_KEY: filled(),
});
