// DynamoDB, Secrets Manager, SQS and EventBridge, by the function's own role.
import { type AwsOptions, awsCaller } from '../aws/call.ts';
import { credentialsIn } from '../aws/signing.ts';
import { sqs } from '../aws/sqs.ts';
import { type Clock, wait } from '../clock.ts';
import type { Configuration } from '../contract/configuration.ts';
import type { KeyPairEvent } from '../contract/events.ts';
import { VendingError } from '../errors.ts';
import { ANSWER_BYTES } from '../ledger/dynamodb/dynamodb-call.ts';
import { dynamoLedger } from '../ledger/dynamodb/dynamodb-ledger.ts';
import { Secret } from '../secret.ts';
import { awsStore } from '../secrets/secrets-manager/aws-store.ts';
import { createTransport } from '../transport/transport.ts';
import { onQueues, type Platform, trusted } from './platform.ts';
import { remembered } from './upstream.ts';

type AwsConfiguration = Extract<Configuration, { KEYVEND_PLATFORM: 'aws' }>;

export function awsPlatform(configuration: AwsConfiguration, clock: Clock): Platform {
  const { AWS_REGION: region, KEYVEND_DEPLOYMENT: deployment } = configuration;
  const transport = createTransport({ clock, maxAnswerBytes: ANSWER_BYTES });
  const toClouds = createTransport({ clock, ...trusted(configuration) });
  const credentials = credentialsIn(configuration);
  const at = (endpoint: string | undefined): AwsOptions => ({
    transport,
    clock,
    region,
    wait,
    credentials: async () => credentials,
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  const queues = sqs(at(configuration.AWS_ENDPOINT_URL_SQS));
  const secrets = at(configuration.AWS_ENDPOINT_URL_SECRETS_MANAGER);
  const manager = awsCaller({ name: 'secretsmanager', target: 'secretsmanager', json: '1.1' }, secrets);

  return {
    stores: {
      ledger: dynamoLedger({ ...at(configuration.AWS_ENDPOINT_URL_DYNAMODB), table: configuration.KEYVEND_TABLE }),
      store: awsStore({ ...secrets, deployment, kmsKeyId: configuration.KEYVEND_KMS_KEY }),
    },
    access: {
      transport: toClouds,
      keyOf: remembered(async (provider, account) => {
        const SecretId = `${configuration.KEYVEND_UPSTREAM_PREFIX}${provider}/${account}`;
        const outcome = await manager.call('GetSecretValue', { SecretId });
        if ('fields' in outcome) return new Secret(String(outcome.fields.SecretString ?? ''));
        if (outcome.failure.upstreamCode === 'ResourceNotFoundException') return undefined;
        throw new VendingError('STORE_UNAVAILABLE', `The account's access key cannot be read (${outcome.failure.why})`);
      }, clock),
    },
    publish: publisher(configuration.KEYVEND_BUS, at(configuration.AWS_ENDPOINT_URL_EVENTBRIDGE)),
    ...onQueues(queues, configuration.AWS_ENDPOINT_URL_SQS),
  };
}

/** EventBridge PutEvents: the CloudEvent as `Detail`, its type as `DetailType`. */
function publisher(EventBusName: string, options: AwsOptions) {
  const bus = awsCaller({ name: 'events', target: 'AWSEvents', json: '1.1' }, options);
  return async (event: KeyPairEvent): Promise<void> => {
    const Entries = [{ EventBusName, Source: 'keyvend', DetailType: event.type, Detail: JSON.stringify(event) }];
    const outcome = await bus.call('PutEvents', { Entries });
    if (!('fields' in outcome) || Number(outcome.fields.FailedEntryCount) > 0) {
      throw new VendingError('QUEUE_UNAVAILABLE', 'The event bus did not take an event');
    }
  };
}
