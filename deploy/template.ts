// Everything around the functions, by topic. serverless.yml has the functions themselves.
import { alarms } from './alarms.ts';
import { api, extensions } from './api.ts';
import { events } from './events.ts';
import { key } from './key.ts';
import { ledger } from './ledger.ts';
import type { Parameters } from './parameters.ts';
import { deadLettersOf, queueOf, queues } from './queues.ts';
import { roles } from './roles.ts';
import { att, merged, providers, ref, type Value } from './words.ts';

/** The value of `resources` in serverless.yml. */
export const template = (parameters: Parameters) => ({
  Description: `keyvend ${parameters.stage}: SSH key pairs of Alibaba ENS, Alibaba ECS and Tencent CVM`,
  Resources: merged([
    key(parameters.stage),
    ledger(parameters.stage),
    queues(parameters.stage),
    events(parameters.stage),
    roles(parameters),
    api(parameters),
    alarms(parameters),
  ]),
  Outputs: outputs(),
  extensions: extensions(parameters),
});

function outputs() {
  const output = (Description: string, Value: Value) => ({ Description, Value });
  return {
    ...Object.fromEntries(
      providers.flatMap((provider) => [
        [`${queueOf(provider)}Url`, output(`Takes requests for ${provider}`, ref(queueOf(provider)))],
        [`${deadLettersOf(provider)}Url`, output('Requests that were refused', ref(deadLettersOf(provider)))],
      ]),
    ),
    BusName: output('Takes keyvend.key-pair.requested, announces keyvend.key-pair.vended', ref('Bus')),
    LedgerName: output('The ledger', ref('Ledger')),
    KeyArn: output('The key over private keys and ledger', att('Key')),
  };
}
