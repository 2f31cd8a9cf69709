// One role per function. Written out here, because what the framework would add by itself is one role for all.
import type { Parameters } from './parameters.ts';
import {
  announce,
  consume,
  keepSecrets,
  openLedger,
  ownLogs,
  readLedger,
  readUpstreamKeys,
  writeLedger,
} from './rights.ts';
import { type Provider, providers, type Resource, type Resources, title, type Value } from './words.ts';

const roleOf = (name: string): string => `${title(name)}Role`;

export function roles(parameters: Parameters): Resources {
  const vending = (provider: Provider): Value[] => [
    writeLedger(provider),
    openLedger(parameters.stage),
    ...keepSecrets(provider, parameters),
    ...readUpstreamKeys(provider, parameters),
  ];
  return Object.assign(
    {},
    ...providers.map((provider) => ({
      [roleOf(`${provider}Http`)]: role(`${provider}Http`, [...vending(provider), announce('vended')]),
      [roleOf(`${provider}Queue`)]: role(`${provider}Queue`, [
        ...vending(provider),
        ...consume(provider),
        announce('vended', 'refused'), // without the second no message could ever become a dead letter
      ]),
    })),
    { [roleOf('catalog')]: role('catalog', [...readLedger, openLedger(parameters.stage)]) },
  );
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
