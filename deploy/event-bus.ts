// The bus: requests for key pairs come in as events, announcements of vended and rotated ones go out. A request's `detail` is
// the very body that a queue message has, so the queue functions need not know where it came from.
import { providerNames } from '../lib/provider-table.ts';
import { deadLettersOf, queueOf, queuePolicy, UNROUTED } from './queue-resources.ts';
import { att, merged, type Resource, type Resources, ref, title, type Value } from './words.ts';

/** `detail-type` of a request. */
const REQUESTED = 'keyvend.key-pair.requested';

const ruleOf = (provider: string) => `${title(provider)}Requested`;
const NOBODYS = 'NobodysRequested';

const rule = (Description: string, provider: Value, Target: Readonly<Record<string, Value>>): Resource => ({
  Type: 'AWS::Events::Rule',
  Properties: {
    Description,
    EventBusName: ref('Bus'),
    EventPattern: { 'detail-type': [REQUESTED], detail: { provider } },
    Targets: [{ Id: 'queue', ...Target }],
  },
});

export const events = (stage: string): Resources =>
  merged([
    { Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: `keyvend-${stage}` } } },
    ...providerNames.map((provider) => ({
      [ruleOf(provider)]: rule(`Requests for ${provider} go to its queue`, [provider], {
        Arn: att(queueOf(provider)),
        InputPath: '$.detail',
        RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
        DeadLetterConfig: { Arn: att(UNROUTED) },
      }),
      ...queuePolicy(queueOf(provider), [ruleOf(provider)]),
      ...queuePolicy(deadLettersOf(provider)),
    })),
    {
      // Otherwise EventBridge would drop them and tell nobody.
      [NOBODYS]: rule('Requests for no provider of ours', [{ exists: false }, { 'anything-but': [...providerNames] }], {
        Arn: att(UNROUTED),
      }),
    },
    queuePolicy(queueOf('rotation')),
    queuePolicy(deadLettersOf('rotation')),
    queuePolicy(UNROUTED, [...providerNames.map(ruleOf), NOBODYS]),
  ]);
