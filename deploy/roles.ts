// One role per function. Written out here, because the framework by itself would add one role for all.
import { providerNames } from '../lib/provider-table.ts';
import { noticeTypes } from '../lib/vending/notice.ts';
import type { Parameters } from './parameters.ts';
import {
  announce,
  attachToVpc,
  changeLedger,
  consume,
  findDue,
  labelSecrets,
  listSecrets,
  lookAtLedger,
  makeSecrets,
  openLedger,
  openSecrets,
  ownLogs,
  readAttempts,
  readLedger,
  readSecrets,
  readUpstreamKeys,
  rememberInLedger,
  retireSecrets,
  takeTurns,
  wakeRotation,
  writeLedger,
} from './rights.ts';
import { type Provider, type Resource, type Resources, title, type Value } from './words.ts';

const roleOf = (name: string): string => `${title(name)}Role`;

export function roles(parameters: Parameters): Resources {
  const working = (...served: readonly Provider[]): Value[] => [
    writeLedger(...served),
    lookAtLedger,
    openLedger(parameters.stage),
    ...labelSecrets(parameters, ...served),
    ...readUpstreamKeys(parameters, ...served),
  ];
  /** Making and storing key pairs, and settling what left no key behind. */
  const custody = (...served: readonly Provider[]): Value[] => [
    ...working(...served),
    ...retireSecrets(parameters, ...served),
    ...makeSecrets(parameters, ...served),
  ];
  const all = providerNames;
  /** All that settling takes, with the keys that are stored; it makes nothing. */
  const fullSettling = [
    ...working(...all),
    ...retireSecrets(parameters, ...all),
    readSecrets(parameters),
    openSecrets(parameters),
  ];
  const reading = [...readLedger, openLedger(parameters.stage)];
  const asking = [changeLedger, openLedger(parameters.stage), wakeRotation];
  const rights: Readonly<Record<string, readonly Value[]>> = {
    ...Object.fromEntries(
      providerNames.flatMap((provider) => [
        // `rotated`: a request for what is there publishes what an earlier call could not.
        [`${provider}Http`, [...custody(provider), announce('vended', 'rotated')]],
        // Without `refused` no message could ever become a dead letter.
        [`${provider}Queue`, [...custody(provider), ...consume(provider), announce('vended', 'rotated', 'refused')]],
      ]),
    ),
    catalog: reading,
    lifecycle: asking,
    // Nobody waits for what it asks of the worker: its schedule finds that.
    lifecycleFleet: [changeLedger, openLedger(parameters.stage), ...readUpstreamKeys(parameters, ...all)],
    rotationDue: [...asking, findDue('rotate')],
    rotationWorker: [
      ...custody(...all),
      readSecrets(parameters),
      ...consume('rotation'),
      wakeRotation, // itself, when its time was up
      announce('vended', 'rotated', 'refused'),
      ...attachToVpc(parameters, 'rotationWorker'),
    ],
    // The secret that AWS rotates is there, and stays.
    rotationSecretsManager: [
      ...working(...all),
      ...makeSecrets(parameters, ...all),
      readSecrets(parameters),
      announce('vended', 'rotated'),
      ...attachToVpc(parameters, 'rotationSecretsManager'),
    ],
    recoverySettle: [...fullSettling, findDue('settle', 'announce'), announce('vended', 'rotated', ...noticeTypes)],
    recoveryCount: [...reading, readAttempts, rememberInLedger, takeTurns, ...readUpstreamKeys(parameters, ...all)],
    recoveryReconcile: [...fullSettling, ...readLedger, listSecrets, announce('vended', 'rotated')],
  };
  return Object.fromEntries(Object.entries(rights).map(([name, its]) => [roleOf(name), role(name, its)]));
}

const role = (name: string, rights: readonly Value[]): Resource => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    Policies: [{ PolicyName: name, PolicyDocument: { Version: '2012-10-17', Statement: [ownLogs(name), ...rights] } }],
  },
});
