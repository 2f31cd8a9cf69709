// What serverless.yml does not say about the rotation functions: who may call the one that is not called by us, and the network
// of the two that log in on hosts.
import type { Parameters } from './parameters.ts';
import { att, type Extensions, loggingInFunctions, type Resources, ref, title } from './words.ts';

const functionOf = (name: string) => `${title(name)}LambdaFunction`;
const STEPS = functionOf('rotationSecretsManager');

/** For secrets of this account alone: otherwise another account's secret could have a step of ours run. */
export const rotation = (): Resources => ({
  RotationBySecretsManager: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: att(STEPS),
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: ref('AWS::AccountId'),
    },
  },
});

export const inVpc = ({ vpc }: Parameters): Extensions =>
  vpc === undefined
    ? {}
    : Object.fromEntries(
        loggingInFunctions.map((name) => [
          functionOf(name),
          { Properties: { VpcConfig: { SubnetIds: vpc.subnetIds, SecurityGroupIds: vpc.securityGroupIds } } },
        ]),
      );

export const stepsArn = att(STEPS);
