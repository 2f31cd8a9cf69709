// On AWS: the clouds' access keys in Secrets Manager, announcements to EventBridge, queues in SQS, by the function's own role.
import { awsCaller } from '../../aws/call.ts';
import { awsOptions } from '../../aws/environment.ts';
import { type QueueActions, sqs } from '../../aws/sqs.ts';
import type { Clock } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import { Secret } from '../../secret.ts';
import { type CloudAccess, cachedKeys, cloudTransport } from '../cloud-access.ts';
import type { Configuration } from '../configuration.ts';
import type { Publish } from '../platform.ts';
import type { PlatformConfiguration } from '../platform-table.ts';

export { trailKeeper } from '../trail-output.ts';

type Here = Configuration & PlatformConfiguration<'aws'>;

export function cloudAccess(configuration: Here, clock: Clock): CloudAccess {
  const secrets = awsOptions(configuration, clock, 'secretsmanager');
  const manager = awsCaller({ name: 'secretsmanager', target: 'secretsmanager', json: '1.1' }, secrets);
  return {
    transport: cloudTransport(configuration, clock),
    keyOf: cachedKeys(async (provider, account) => {
      const SecretId = `${configuration.KEYVEND_UPSTREAM_PREFIX}${provider}/${account}`;
      const outcome = await manager.call('GetSecretValue', { SecretId });
      if ('fields' in outcome) return new Secret(String(outcome.fields.SecretString ?? ''));
      if (outcome.failure.upstreamCode === 'ResourceNotFoundException') return undefined;
      throw new VendingError('STORE_UNAVAILABLE', `The account's access key cannot be read (${outcome.failure.why})`);
    }, clock),
  };
}

/** EventBridge PutEvents: the CloudEvent as `Detail`, its type as `DetailType`. */
export function publisher(configuration: Here, clock: Clock): Publish {
  const { KEYVEND_BUS: EventBusName } = configuration;
  const bus = awsCaller(
    { name: 'events', target: 'AWSEvents', json: '1.1' },
    { ...awsOptions(configuration, clock, 'events'), early: true },
  );
  return async (event) => {
    const Entries = [{ EventBusName, Source: 'keyvend', DetailType: event.type, Detail: JSON.stringify(event) }];
    const outcome = await bus.call('PutEvents', { Entries });
    if (!('fields' in outcome) || Number(outcome.fields.FailedEntryCount) > 0) {
      throw new VendingError('QUEUE_UNAVAILABLE', 'The event bus did not accept the event');
    }
  };
}

export const queueActions = (configuration: Here, clock: Clock): QueueActions =>
  sqs(awsOptions(configuration, clock, 'sqs'));
