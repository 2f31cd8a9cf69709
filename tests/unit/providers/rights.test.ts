// What an access key has to be allowed: the table against the code that calls, the clouds that stand in, and the policies.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cloudPolicies } from '../../../deploy/cloud-policies.ts';
import { providerNames } from '../../../lib/provider-table.ts';
import { actionsOf, featureNames, featureOf, policyFileOf, policyKindsOf } from '../../../lib/providers/rights.ts';
import { as } from '../../../local/clouds/services/as.ts';
import { cvm } from '../../../local/clouds/services/cvm.ts';
import { ecs } from '../../../local/clouds/services/ecs.ts';
import { ens } from '../../../local/clouds/services/ens.ts';
import { ess } from '../../../local/clouds/services/ess.ts';
import { region } from '../../../local/clouds/services/region.ts';

const ROOT = join(import.meta.dirname, '../../..');
const products: Readonly<Record<string, ReadonlyMap<string, unknown>>> = {
  ...{ ens: ens.actions, ecs: ecs.actions, ess: ess.actions, cvm: cvm.actions, as: as.actions, region: region.actions },
  sts: new Map([['GetCallerIdentity', undefined]]),
};
const sorted = (words: Iterable<string>) => [...new Set(words)].sort();
const bare = (action: string) => action.split(':')[1]!;

/** What an adapter can do because every adapter can, and nothing has it do: the name of a CVM pair is kept by renaming it. */
const neverAsked = { ens: [], ecs: [], cvm: [] } as const;

/** The actions that a folder of lib/providers calls. */
function calledIn(folder: string): string[] {
  const files = readdirSync(join(ROOT, 'lib/providers', folder)).filter((name) => name.endsWith('.ts'));
  const texts = files.map((name) => readFileSync(join(ROOT, 'lib/providers', folder, name), 'utf8'));
  return sorted(texts.flatMap((text) => [...text.matchAll(/\baction: '(\w+)'/g)].map(([, action]) => action!)));
}

describe('the rights of access keys', () => {
  it.each(providerNames)('are those of the actions that the code of %s calls, and no others', (provider) => {
    const inTable = actionsOf(provider, 'everything').filter((action) => !action.startsWith('sts:'));
    expect(sorted([...inTable.map(bare), ...neverAsked[provider]])).toEqual(calledIn(provider));
  });

  it('have no row for who takes on a role, which nothing signs, and one for whose a key is', () => {
    expect(calledIn('alibaba')).toEqual(['AssumeRoleWithOIDC', 'GetCallerIdentity']);
    expect(calledIn('tencent')).toEqual(['AssumeRoleWithWebIdentity', 'GetCallerIdentity']);
    expect(actionsOf('cvm', 'vending')).toContain('sts:GetCallerIdentity');
  });

  it('are each of the service that has the action', () => {
    for (const action of providerNames.flatMap((provider) => actionsOf(provider, 'everything')))
      expect([action, products[action.split(':')[0]!]?.has(bare(action))]).toEqual([action, true]);
  });

  it('stand in one row each', () => {
    for (const provider of providerNames) {
      const all = featureNames.flatMap((name) => featureOf(name).actions[provider]);
      expect(all).toEqual([...new Set(all)]);
    }
  });
});

describe('the policies for access keys', () => {
  it.each([...cloudPolicies.keys()])('%s is what the table comes to', (path) => {
    expect(readFileSync(join(ROOT, path), 'utf8')).toBe(cloudPolicies.get(path));
  });

  it.each(providerNames)('allow %s what the table says, and nothing by a pattern', (provider) => {
    for (const kind of policyKindsOf(provider)) {
      const policy = JSON.parse(cloudPolicies.get(policyFileOf(provider, kind))!);
      const statements: readonly Record<string, unknown>[] = policy.Statement ?? policy.statement;
      const allowed = statements.flatMap((one) => (one.Action ?? one.action) as string[]);
      expect(sorted(allowed)).toEqual(sorted(actionsOf(provider, kind)));
      expect(allowed.join()).not.toContain('*');
      expect(statements.map((one) => one.Effect ?? one.effect)).not.toContain('Deny');
    }
  });

  it.each(providerNames)('leave out no feature of %s that takes a right, and none are left over', (provider) => {
    const files = readdirSync(join(ROOT, 'deploy/policies')).filter((name) => name.includes(`-keyvend-${provider}-`));
    const taking = featureNames.filter((name) => featureOf(name).actions[provider].length > 0);
    const named = [...taking, 'everything' as const].map((kind) => policyFileOf(provider, kind));
    expect(sorted(files.map((name) => `deploy/policies/${name}`))).toEqual(sorted(named));
  });

  it("confine ECS's key pairs, and leave open what cannot be confined", () => {
    const { Version, Statement } = JSON.parse(cloudPolicies.get(policyFileOf('ecs', 'everything'))!);
    const of = (action: string) =>
      Statement.find((one: { Action: string[] }) => one.Action.includes(action))?.Resource as unknown;
    expect(Version).toBe('1');
    expect(of('ecs:DeleteKeyPairs')).toEqual(['acs:ecs:*:*:keypair/*']);
    expect(of('ecs:AttachKeyPair')).toEqual(['acs:ecs:*:*:instance/*', 'acs:ecs:*:*:keypair/*']);
    expect(of('ecs:CreateLaunchTemplateVersion')).toEqual(['acs:ecs:*:*:launchtemplate/*']);
    expect(of('ess:ModifyScalingConfiguration')).toEqual(['*']);
  });
});
