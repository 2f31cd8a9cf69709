// The environment variables of the AWS platform.
import { awsVariables } from '../../aws/environment.ts';
import { filled, maybeOrigin } from '../../environment.ts';

export const awsPlatformVariables = () => ({
  ...awsVariables(),
  /** Where the clouds' access keys are: `<prefix><provider>/<account>` in AWS Secrets Manager. */
  KEYVEND_UPSTREAM_PREFIX: filled(),
  /** The event bus that announcements go to. */
  KEYVEND_BUS: filled(),
  AWS_ENDPOINT_URL_SECRETS_MANAGER: maybeOrigin(),
  AWS_ENDPOINT_URL_EVENTBRIDGE: maybeOrigin(),
  AWS_ENDPOINT_URL_SQS: maybeOrigin(),
});
