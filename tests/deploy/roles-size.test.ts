// A role is no larger than IAM takes it, however long the names of a stage are. Source: IAM User Guide, "IAM and AWS STS quotas": 10,240
// characters for all inline policies of a role, without blanks.
import { describe, expect, it } from 'vitest';
import { MOST_SECRET_KEYS, type Parameters } from '../../deploy/parameters.ts';
import { template } from '../../deploy/template.ts';
import { deployed } from '../rights/deployed.ts';
import type { Json } from './packaged.ts';

const MOST = 10_240;
/** Where regions and partitions have longer names than here, each ARN is up to nine characters longer. */
const SPARE = 400;
const longest = 'a'.repeat(32);
const largest: Parameters = {
  ...{ stage: longest, deployment: longest, issuer: 'https://issuer.example', audience: 'keyvend' },
  ...{ alarmTopic: undefined, gatewayAuthorizer: false, corsOrigins: [], metrics: true, logRetentionDays: 90 },
  concurrency: undefined,
  vpc: { subnetIds: ['subnet-0a1b2c3d'], securityGroupIds: ['sg-0a1b2c3d'] },
  secretKeys: Array.from(
    { length: MOST_SECRET_KEYS },
    (_, i) => `arn:aws:kms:ap-southeast-1:123456789012:key/mrk-1234abcd12ab34cd56ef12345678900${i}`,
  ),
};

describe('a role of the largest stage that there can be', () => {
  const { Resources } = template(largest) as Json;
  // The framework makes the functions and their log groups; their names are all that the roles say of them.
  const roles = Object.entries<Json>(Resources).filter(([, { Type }]) => Type === 'AWS::IAM::Role');
  const around = Object.fromEntries(
    roles.flatMap(([role, { Properties }]) => {
      const name = role.replace(/Role$/, '');
      const LogGroupName = `/aws/lambda/keyvend-${longest}-${name}`;
      const its = {
        FunctionName: `x-${name}`,
        Handler: '',
        Role: { 'Fn::GetAtt': [role] },
        Environment: { Variables: {} },
      };
      expect(Properties.Policies).toHaveLength(1);
      return [
        [`${name}LogGroup`, { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName } }],
        [`${name}LambdaFunction`, { Type: 'AWS::Lambda::Function', Properties: its }],
      ];
    }),
  );
  const whole = deployed({ template: { Resources: { ...Resources, ...around } }, folder: '' } as Json);

  it.each(whole.functions.map(({ role, policies }) => [role, policies] as const))('%s is taken', (_, [its]) => {
    expect(JSON.stringify(its!.policy).replace(/\s/g, '').length).toBeLessThanOrEqual(MOST - SPARE);
  });
});
