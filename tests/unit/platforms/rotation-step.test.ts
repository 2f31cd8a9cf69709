import { describe, expect, it } from 'vitest';
import { RotationStep } from '../../../lib/platforms/aws/rotation-step.ts';

describe("a step of AWS's rotation", () => {
  const step = {
    Step: 'createSecret',
    SecretId: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:keyvend/ecs/default/cn-hangzhou/web-AbCdEf',
    ClientRequestToken: 'b9f6e3b2-7c2d-4b1a-9d3e-0a1b2c3d4e5f',
  };
  it.each([
    ['createSecret', 'createsecret'],
    ['set_secret', 'setsecret'],
    ['TestSecret', 'testsecret'],
    ['finish_Secret', 'finishsecret'],
  ])('is read from %s as %s, with a RotationToken or without, whatever else AWS sends', (Step, expected) => {
    expect(RotationStep.parse({ ...step, Step }).Step).toBe(expected);
    const more = RotationStep.parse({ ...step, Step, RotationToken: 'x', Later: 1 });
    expect(more).not.toHaveProperty('Later');
  });

  it.each<[string, object]>([
    ['an unknown step', { Step: 'deleteSecret' }],
    ['a name instead of an ARN', { SecretId: 'keyvend/ecs/default/cn-hangzhou/web' }],
    ['a malformed id', { ClientRequestToken: 'x' }],
  ])('is refused with %s', (_, over) => expect(RotationStep.safeParse({ ...step, ...over }).success).toBe(false));
});
