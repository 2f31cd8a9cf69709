// The environment variables of the ledger in DynamoDB.
import * as z from 'zod/mini';
import { awsVariables } from '../../aws/environment.ts';
import { maybeOrigin } from '../../environment.ts';

export const dynamodbVariables = () => ({
  ...awsVariables(),
  KEYVEND_TABLE: z.string().check(z.minLength(3)),
  AWS_ENDPOINT_URL_DYNAMODB: maybeOrigin(),
});
