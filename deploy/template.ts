// Everything around the functions, by topic. serverless.yml has the functions themselves.
import { alarms } from './alarms.ts';
import { api, extensions } from './api.ts';
import { reservedConcurrency } from './concurrency.ts';
import { dashboard } from './dashboards.ts';
import { events } from './event-bus.ts';
import { key } from './kms-key.ts';
import { ledger } from './ledger-resource.ts';
import { encryptedLogs } from './log-groups.ts';
import type { Parameters } from './parameters.ts';
import { deadLettersOf, queueOf, queues } from './queue-resources.ts';
import { roles } from './roles.ts';
import { inVpc, rotation, stepsArn } from './rotation-functions.ts';
import { att, merged, mergedExtensions, queueOwners, ref, type Value } from './words.ts';

/** The value of `resources` in serverless.yml. */
export const template = (parameters: Parameters) => ({
  Description: `keyvend ${parameters.stage}: SSH key pairs of Alibaba ENS, Alibaba ECS and Tencent CVM`,
  Resources: merged([
    key(parameters.stage),
    ledger(parameters.stage),
    queues(parameters.stage),
    events(parameters.stage),
    roles(parameters),
    rotation(),
    api(parameters),
    alarms(parameters),
    dashboard(parameters),
  ]),
  Outputs: outputs(),
  extensions: mergedExtensions([
    extensions(parameters),
    encryptedLogs,
    reservedConcurrency(parameters),
    inVpc(parameters),
  ]),
});

function outputs() {
  const output = (Description: string, Value: Value) => ({ Description, Value });
  return {
    ...Object.fromEntries(
      queueOwners.flatMap((owner) => [
        [`${queueOf(owner)}Url`, output(`Takes requests for ${owner}`, ref(queueOf(owner)))],
        [`${deadLettersOf(owner)}Url`, output('Requests that were refused', ref(deadLettersOf(owner)))],
      ]),
    ),
    RotationFunctionArn: output('For a rotation schedule of AWS Secrets Manager', stepsArn),
    BusName: output('Takes keyvend.key-pair.requested, announces keyvend.key-pair.vended and .rotated', ref('Bus')),
    LedgerName: output('The ledger', ref('Ledger')),
    KeyArn: output('The key that encrypts private keys and ledger', att('Key')),
  };
}
