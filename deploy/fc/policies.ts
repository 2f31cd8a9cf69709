// The policy of each function's role, in deploy/policies/ram/fc, and who may take the roles. Written by docs/refresh.ts.
// Source: "RAM authorization" of KMS 2016-01-20, FC 2023-03-30 and EventBridge 2020-04-01; CreateSecret for the right on the
// key that encrypts a secret; the system policy AliyunECSNetworkInterfaceManagementAccess; "Configure logging" (Function Compute).
import type { ProviderName } from '../../lib/provider-table.ts';
import { type Action, featureOf } from '../../lib/providers/rights.ts';
import { onePerLine, ramStatements } from '../cloud-policies.ts';
import { type FcFunction, fcFunctions, takesRole } from './functions.ts';

interface Statement {
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}
const allow = (Action: readonly string[], ...Resource: readonly string[]): Statement => ({
  ...{ Effect: 'Allow', Action, Resource },
});

const stored = (served: readonly ProviderName[]) =>
  served.map((provider) => `acs:kms:*:*:secret/keyvend/${provider}/*`);
/** What people keep for keyvend to read: the access keys of clouds that take no role. */
const upstream = (served: readonly ProviderName[]) =>
  served.map((provider) => `acs:kms:*:*:secret/keyvend-upstream/*/${provider}/*`);
const KEY = 'acs:kms:*:*:key/*';

/** Tags come with CreateSecret, and by TagResource where the secret is there already. */
const making = ['kms:CreateSecret', 'kms:PutSecretValue', 'kms:TagResource'];
const looking = ['kms:DescribeSecret', 'kms:ListSecretVersionIds'];
const labelling = ['kms:UpdateSecretVersionStage'];
const retiring = ['kms:DeleteSecret', 'kms:RestoreSecret'];
const reading = ['kms:GetSecretValue'];

/** As on AWS (deploy/roles.ts): what answers callers makes keys and shows none; settling and rotating read them. */
function ofKeys({ keys, serves }: FcFunction): readonly Statement[] {
  const ours = stored(serves);
  const made = [
    allow([...making, ...looking, ...labelling, ...retiring], ...ours),
    allow(['kms:GenerateDataKey'], KEY),
  ];
  const settled = allow([...looking, ...labelling, ...retiring, ...reading], ...ours);
  switch (keys) {
    case 'none':
      return [];
    case 'make':
      return made;
    case 'settle':
      return [settled];
    case 'compare':
      return [settled, allow(['kms:ListSecrets'], 'acs:kms:*:*:secret/*')];
    case 'make and read':
      return [...made, allow(reading, ...ours)];
  }
}

function ofClouds({ serves, asks }: FcFunction): readonly Statement[] {
  if (serves.length === 0) return [];
  const actions: readonly Action[] = serves
    .filter(takesRole)
    .flatMap((provider) => asks.flatMap((name) => featureOf(name).actions[provider]));
  return [allow(reading, ...upstream(serves)), ...(ramStatements([...new Set(actions)]) as Statement[])];
}

/** GetSecretValue may unwrap the secret's key on its caller's behalf; no page says that it does, or does not. */
const opening = (statements: readonly Statement[]): readonly Statement[] =>
  statements.some(({ Action }) => Action.includes('kms:GetSecretValue')) ? [allow(['kms:Decrypt'], KEY)] : [];

const functionArns = (names: readonly string[]) =>
  names.flatMap((name) => [`acs:fc:*:*:functions/keyvend-*-${name}`, `acs:fc:*:*:functions/keyvend-*-${name}/*`]);

/** For Function Compute itself, with the function's role: its lines into the log, and its interfaces in the VPC. */
const ofPlatform: readonly Statement[] = [
  allow(['log:PostLogStoreLogs'], 'acs:log:*:*:project/keyvend-*/logstore/functions'),
  allow(
    [
      ...['vpc:DescribeVSwitchAttributes', 'vpc:DescribeVpcAttribute'],
      ...['ecs:CreateNetworkInterface', 'ecs:DeleteNetworkInterface', 'ecs:DescribeNetworkInterfaces'],
      ...['ecs:CreateNetworkInterfacePermission', 'ecs:DescribeNetworkInterfacePermissions'],
      ...['ecs:DeleteNetworkInterfacePermission'],
    ],
    '*',
  ),
];

function policyOf(row: FcFunction): { readonly Version: '1'; readonly Statement: readonly Statement[] } {
  const own = [...ofKeys(row), ...ofClouds(row)];
  return {
    Version: '1',
    Statement: [
      ...[...own, ...opening(own)],
      ...(row.wakes.length > 0 ? [allow(['fc:InvokeFunction'], ...functionArns(row.wakes))] : []),
      ...(row.publishes ? [allow(['eventbridge:PutEvents'], 'acs:eventbridge:*:*:eventbus/keyvend-*')] : []),
      ...ofPlatform,
    ],
  };
}

/** Who may take any of the roles. */
const trust = {
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['fc.aliyuncs.com'] } }],
};

export const policyPath = (name: string): string => `deploy/policies/ram/fc/${name}.json`;

/** By path. */
export const fcPolicies: ReadonlyMap<string, string> = new Map([
  ...Object.entries(fcFunctions).map(([name, row]) => [policyPath(name), onePerLine(policyOf(row))] as const),
  [policyPath('trust'), onePerLine(trust)],
]);
