// What IAM would say, by a simulator that nobody here wrote. It drops condition keys whose names are open (`kms:EncryptionContext:...`), and takes those
// of an event for lists, while AWS looks at each entry by itself; both are renamed, in policies and requests alike, to keys that it takes as they
// are. The comparison itself is the simulator's.
import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { Json } from '../deploy/packaged.ts';
import type { Authorisation } from './authorisations.ts';
import { account, type Deployed, type DeployedFunction, OWN_KEY } from './deployed.ts';

const RENAMED = /"(kms:EncryptionContext:[^"]+|events:(?:source|detail-type))":/g;
const kept = (value: Json): Json => JSON.parse(JSON.stringify(value).replace(RENAMED, '"aws:RequestTag/$1":'));

/** The policy that AWS gives a key unless it is told otherwise. */
const leftToIam = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' }],
};

export interface Decision {
  readonly allowed: boolean;
  /** `Sid`s of the role's statements that allowed it. */
  readonly by: readonly string[];
}

export async function decided(
  { role, policies }: Pick<DeployedFunction, 'role' | 'policies'>,
  { action, resource, context }: Authorisation,
  { key }: Deployed,
): Promise<Decision> {
  const result = await runSimulation(
    {
      request: {
        principal: `arn:aws:sts::${account}:assumed-role/${role}/function`,
        action,
        resource: { resource, accountId: account },
        contextVariables: kept({ 'aws:PrincipalAccount': account, ...context }),
      },
      identityPolicies: kept(policies),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(resource === key.arn && { resourcePolicy: kept(key.policy) }),
      ...(resource === OWN_KEY && { resourcePolicy: leftToIam }),
    },
    {},
  );
  if (result.resultType === 'error') throw new Error(`${action}: ${JSON.stringify(result.errors)}`);
  const analyses = result.resultType === 'single' ? [result.result] : result.results;
  const ignored = analyses.flatMap(({ ignoredContextKeys = [] }) => ignoredContextKeys);
  if (ignored.length > 0) throw new Error(`${action}: the simulator has not looked at ${ignored.join(', ')}`);
  const by = analyses.flatMap(({ analysis }) =>
    (analysis.identityAnalysis?.allowStatements ?? []).map(({ statement }) => statement.sid() ?? ''),
  );
  return { allowed: result.overallResult === 'Allowed', by };
}
