// A queue per provider and one for the rotation worker, a dead-letter queue beside each, found by name (lib/aws/sqs.ts), and
// one queue for events that no queue took. They hold what callers may ask for, never a key, so SQS's own encryption is enough.
import { arn, att, type QueueOwner, queueOwners, type Resources, ref, title, type Value } from './words.ts';

const DAY_S = 24 * 60 * 60;
/** AWS: at least six times the function's own time, so that no message is handed out twice at once. */
const visibilityS = (owner: QueueOwner): number => 6 * (owner === 'rotation' ? 900 : 30);
/**
 * The most that SQS permits. Waiting uses up receives: THROTTLED comes after 15 s or more of trying plus a second, so 1000 of
 * them are more than four hours without one permit for this message; the usual pause is 30 s, so a cloud may be down for eight.
 */
const MOST_RECEIVES = 1_000;

const queueName = (stage: string, owner: QueueOwner): string => `keyvend-${stage}-${owner}`;
export const queueOf = (owner: QueueOwner): string => `${title(owner)}Queue`;
export const deadLettersOf = (owner: QueueOwner): string => `${title(owner)}DeadLetters`;
export const UNROUTED = 'UnroutedEvents';

export const queues = (stage: string): Resources => ({
  ...Object.assign({}, ...queueOwners.map((owner) => pair(stage, owner))),
  [UNROUTED]: queue({ QueueName: `keyvend-${stage}-unrouted`, MessageRetentionPeriod: 14 * DAY_S }),
});

function pair(stage: string, owner: QueueOwner): Resources {
  const QueueName = queueName(stage, owner);
  return {
    [queueOf(owner)]: queue({
      QueueName,
      VisibilityTimeout: visibilityS(owner),
      // Less than the dead-letter queue's: a message brings its age along.
      MessageRetentionPeriod: 4 * DAY_S,
      RedrivePolicy: { deadLetterTargetArn: att(deadLettersOf(owner)), maxReceiveCount: MOST_RECEIVES },
    }),
    [deadLettersOf(owner)]: queue({
      QueueName: `${QueueName}-dead-letters`,
      MessageRetentionPeriod: 14 * DAY_S,
      RedriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: [arn('sqs', QueueName)] },
    }),
  };
}

const queue = (properties: Readonly<Record<string, Value>>) => ({
  Type: 'AWS::SQS::Queue',
  Properties: { SqsManagedSseEnabled: true, ...properties },
});

/** @param senders logical names of the rules that may put events into the queue */
export const queuePolicy = (name: string, senders: readonly string[] = []): Resources => ({
  [`${name}Policy`]: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [ref(name)],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'OnlyOverTLS',
            Effect: 'Deny',
            Principal: '*',
            Action: 'sqs:*',
            Resource: att(name),
            Condition: { Bool: { 'aws:SecureTransport': false } },
          },
          ...(senders.length === 0 ? [] : [fromRules(name, senders)]),
        ],
      },
    },
  },
});

const fromRules = (name: string, senders: readonly string[]): Value => ({
  Sid: 'EventsByRule',
  Effect: 'Allow',
  Principal: { Service: 'events.amazonaws.com' },
  Action: 'sqs:SendMessage',
  Resource: att(name),
  Condition: { ArnEquals: { 'aws:SourceArn': senders.map((sender) => att(sender)) } },
});
