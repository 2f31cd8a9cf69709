// The roles on Function Compute: each policy is what the table comes to, and nobody may more than who does the same on AWS.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sameAs } from '../../deploy/fc/alarms.ts';
import { fcFunctions } from '../../deploy/fc/functions.ts';
import { fcPolicies, policyPath } from '../../deploy/fc/policies.ts';
import type { Parameters } from '../../deploy/parameters.ts';
import { roles } from '../../deploy/roles.ts';
import { allFunctions, title } from '../../deploy/words.ts';
import { readsKeys, root } from './fc/deployment.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}
const statementsOf = (name: string): readonly Statement[] => JSON.parse(fcPolicies.get(policyPath(name))!).Statement;
const names = Object.keys(fcFunctions);
/** Whether a role may do it on a resource, by RAM's own `*`. */
const may = (name: string, action: string, resource: string): boolean =>
  statementsOf(name).some(
    ({ Effect, Action, Resource }) =>
      Effect === 'Allow' &&
      Action.includes(action) &&
      Resource.some((one) =>
        new RegExp(`^${one.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(resource),
      ),
  );
const allowed = (action: string, resource: string): string[] => names.filter((name) => may(name, action, resource));

const secret = (path: string): string => `acs:kms:cn-hangzhou:1234567890123456:secret/${path}`;
const web = secret('keyvend/ecs/default/cn-hangzhou/web');

const onAws: Parameters = {
  ...{ stage: 'prod', deployment: 'prod', issuer: 'https://issuer.example.com/', audience: 'keyvend' },
  ...{
    alarmTopic: undefined,
    gatewayAuthorizer: false,
    corsOrigins: [],
    secretKeys: [],
    metrics: false,
    logRetentionDays: 90,
    concurrency: undefined,
    vpc: undefined,
  },
};
/** Ours that do what some function on AWS with that statement does. */
function asOnAws(sid: string): string[] {
  const all = JSON.parse(JSON.stringify(roles(onAws)));
  const having = allFunctions.filter((name) =>
    all[`${title(name)}Role`].Properties.Policies[0].PolicyDocument.Statement.some(
      (one: { Sid: string }) => one.Sid === sid,
    ),
  );
  return [...new Set(having.flatMap(sameAs))].sort();
}

describe('the policies of roles on Function Compute', () => {
  it.each([...fcPolicies.keys()])('%s is what the table comes to', (path) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(fcPolicies.get(path));
  });

  it('are there for each function, and for nothing else', () => {
    const files = readdirSync(join(root, 'deploy/policies/ram/fc'));
    expect(files.sort()).toEqual([...names, 'trust'].map((name) => `${name}.json`).sort());
  });

  it('let the same functions read stored keys as on AWS, and those are the ones that are told that they may', () => {
    expect(allowed('kms:GetSecretValue', web).sort()).toEqual(asOnAws('ReadSecrets'));
    expect(names.filter(readsKeys).sort()).toEqual(asOnAws('ReadSecrets'));
  });

  it('let the same functions make keys, retire them and list them as on AWS', () => {
    expect(allowed('kms:PutSecretValue', web).concat('cvm', 'ens').sort()).toEqual(asOnAws('MakeSecrets'));
    expect(allowed('kms:DeleteSecret', web).concat('cvm', 'ens').sort()).toEqual(asOnAws('RetireSecrets'));
    expect(allowed('kms:ListSecrets', secret('*')).sort()).toEqual(asOnAws('ListSecrets'));
  });

  it('keep the providers apart: none that serves one of them reaches a key or an access key of another', () => {
    for (const provider of ['ens', 'ecs', 'cvm'])
      for (const other of ['ens', 'ecs', 'cvm'].filter((one) => one !== provider)) {
        const theirs = [`keyvend/${other}/default/x/web`, `keyvend-upstream/prod/${other}/default`].map(secret);
        const actions = ['kms:CreateSecret', 'kms:PutSecretValue', 'kms:DeleteSecret', 'kms:GetSecretValue'];
        expect(actions.filter((action) => theirs.some((one) => may(provider, action, one)))).toEqual([]);
      }
    expect(
      statementsOf('cvm')
        .flatMap(({ Action }) => Action)
        .filter((one) => /^(ens|ess):|KeyPair/.test(one)),
    ).toEqual([]);
    expect(
      statementsOf('ens')
        .flatMap(({ Action }) => Action)
        .filter((one) => one.startsWith('ecs:') && !one.includes('NetworkInterface')),
    ).toEqual([]);
  });

  it('let nobody touch a secret that is not of keyvend', () => {
    const others = ['other', 'keyvendor/ecs/x', 'keyvend'].map(secret);
    const actions = names
      .flatMap((name) => statementsOf(name).flatMap(({ Action }) => Action))
      .filter((one) => one.startsWith('kms:') && one.includes('Secret') && one !== 'kms:ListSecrets');
    expect(new Set(actions).size).toBeGreaterThan(5);
    for (const action of actions) for (const other of others) expect(allowed(action, other)).toEqual([]);
  });

  it('let only the sender put events on the bus, and each function call those that it wakes', () => {
    const bus = (name: string) => `acs:eventbridge:cn-hangzhou:1234567890123456:eventbus/${name}`;
    expect(allowed('eventbridge:PutEvents', bus('keyvend-prod'))).toEqual(['sender']);
    expect(allowed('eventbridge:PutEvents', bus('default'))).toEqual([]);
    for (const called of names)
      expect(
        allowed('fc:InvokeFunction', `acs:fc:cn-hangzhou:1234567890123456:functions/keyvend-prod-${called}`),
      ).toEqual(names.filter((name) => fcFunctions[name]!.wakes.some((one) => one === called)));
    expect(fcFunctions.intake.wakes).toEqual(['worker', 'sender']);
  });

  it('have no action by a wildcard, and no resource but where there is nothing to name', () => {
    for (const name of names)
      for (const { Action, Resource } of statementsOf(name)) {
        expect(Action.filter((one) => one.includes('*'))).toEqual([]);
        if (Resource.includes('*'))
          expect(Action.filter((one) => !/^(ens|ess|vpc):|NetworkInterface|DescribeRegions/.test(one))).toEqual([]);
      }
  });

  it('let every function write its log and be in the VPC, and the platform alone take the roles', () => {
    expect(allowed('log:PostLogStoreLogs', 'acs:log:cn-hangzhou:1:project/keyvend-prod-1/logstore/functions')).toEqual(
      names,
    );
    expect(allowed('ecs:CreateNetworkInterface', 'acs:ecs:cn-hangzhou:1:eni/x')).toEqual(names);
    const trust = JSON.parse(fcPolicies.get(policyPath('trust'))!);
    expect(trust.Statement).toEqual([
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['fc.aliyuncs.com'] } },
    ]);
  });

  it('are smaller than RAM takes', () => {
    for (const policy of fcPolicies.values()) expect(JSON.stringify(JSON.parse(policy)).length).toBeLessThan(6_144);
  });
});
