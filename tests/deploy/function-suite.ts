// Functions, routes, logs and alarms.
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { allFunctions, title } from '../../deploy/words.ts';
import { variablesOf } from '../../lib/platforms/configuration.ts';
import { rotationConfiguration } from '../../lib/platforms/rotation-configuration.ts';
import { described } from '../../local/stack/routes.ts';
import { type Json, ofType, type Packaged } from './packaged.ts';

/** Lambda sets these itself. Source: AWS Lambda Developer Guide, "Defined runtime environment variables". */
const LAMBDAS_OWN = ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

/** Functions that rotation's own part of the configuration is for. */
const rotates = (name: string) => /^(Lifecycle|Rotation)/.test(name);

const onAws = { KEYVEND_PLATFORM: 'aws', KEYVEND_LEDGER: 'dynamodb', KEYVEND_STORE: 'secrets-manager' };

/** What the configuration needs on AWS, without a default. @param of a function's name; any function's where absent */
export const requiredVariables = (of = 'Rotation'): string[] =>
  Object.entries({ ...variablesOf(onAws), ...(rotates(of) ? rotationConfiguration().shape : {}) })
    .filter(([, schema]) => !schema.safeParse(undefined).success)
    .map(([name]) => name);

export const functions = (example: Packaged, guarded: Packaged) =>
  describe('functions', () => {
    const all = ofType(example, 'AWS::Lambda::Function').map(([name, { Properties }]) => [name, Properties] as const);

    it('are those of serverless.yml, and those that alarms watch', () => {
      expect(all.map(([name]) => name).sort()).toEqual(
        allFunctions.map((name) => `${title(name)}LambdaFunction`).sort(),
      );
    });

    it.each(all)(
      '%s runs Node 24 on arm64, and times out before whatever invokes it does',
      (name, { Runtime, Architectures, Timeout }) => {
        expect({ Runtime, Architectures }).toEqual({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
        const longer: Readonly<Record<string, number>> = {
          RecoverySettle: 300,
          RecoveryCount: 300,
          RecoveryReconcile: 900,
          RotationDue: 60,
          RotationWorker: 900,
          RotationSecretsManager: 900,
        };
        expect(Timeout).toBe(longer[name.replace('LambdaFunction', '')] ?? (name.includes('Queue') ? 30 : 29));
      },
    );

    it("hold a rotation's lease for longer than they may run", () => {
      const { KEYVEND_ROTATION_LEASE_MS: leaseMs } = rotationConfiguration().parse({
        KEYVEND_ROTATION_QUEUE_URL: 'https://queue',
      });
      const longest = all.filter(([name]) => rotates(name)).map(([, { Timeout }]) => Timeout);
      expect(leaseMs).toBeGreaterThan(1_000 * Math.max(...longest));
    });

    it.each(all)('%s has every variable that the configuration requires', (name, { Environment }) => {
      const given = Object.keys(Environment.Variables);
      const required = requiredVariables(name);
      expect(required).toContain('KEYVEND_TABLE');
      expect(required.filter((name) => !given.includes(name) && !LAMBDAS_OWN.includes(name))).toEqual([]);
      expect(given.filter((name) => LAMBDAS_OWN.includes(name))).toEqual([]);
    });

    it('are given no variable that the configuration does not know', () => {
      const common = Object.keys(variablesOf(onAws));
      for (const [name, { Environment }] of all) {
        const known = [...common, ...(rotates(name) ? Object.keys(rotationConfiguration().shape) : [])];
        expect(Object.keys(Environment.Variables).filter((variable) => !known.includes(variable))).toEqual([]);
      }
    });

    it('ask the clouds at their own hosts, but for those that the stage names', () => {
      const endpoints = (of: Packaged) =>
        ofType(of, 'AWS::Lambda::Function').map(([, { Properties }]) => {
          const rules = z.object(
            Object.fromEntries(Object.entries(variablesOf(onAws)).filter(([name]) => name.endsWith('_ENDPOINT'))),
          );
          const read = Object.entries(rules.parse(Properties.Environment.Variables));
          return Object.fromEntries(read.filter(([, value]) => value !== undefined));
        });
      for (const none of endpoints(example)) expect(none).toEqual({});
      for (const named of endpoints(guarded))
        expect(named).toEqual({
          KEYVEND_CVM_ENDPOINT: 'https://cvm.intl.tencentcloudapi.com',
          KEYVEND_TENCENT_STS_ENDPOINT: 'https://sts.example:8443',
        });
    });

    it('answer the routes that the local gateway answers', () => {
      const { routes } = described(new URL('../../serverless.yml', import.meta.url));
      const deployed = ofType(example, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties.RouteKey);
      expect(deployed.sort()).toEqual(routes.map(({ key }) => key).sort());
    });

    it('find due rotations every minute, recover every minute, count every 15 minutes, and compare every 15 minutes, once a day', () => {
      const rules = ofType(example, 'AWS::Events::Rule').filter(([, { Properties }]) => Properties.ScheduleExpression);
      const rates = rules.map(([, { Properties }]) => [
        Properties.Targets[0].Arn['Fn::GetAtt'][0],
        Properties.ScheduleExpression,
        Properties.Targets[0].Input,
      ]);
      expect(Object.fromEntries(rates.map(([name, ...rest]) => [name, rest]))).toEqual({
        RotationDueLambdaFunction: ['rate(1 minute)', undefined],
        RecoverySettleLambdaFunction: ['rate(1 minute)', undefined],
        RecoveryCountLambdaFunction: ['rate(15 minutes)', undefined],
        RecoveryReconcileLambdaFunction: ['rate(15 minutes)', '{"daily":true}'],
      });
    });

    it('may be called by AWS Secrets Manager only where they serve its rotations, for secrets of this account', () => {
      const permissions = ofType(example, 'AWS::Lambda::Permission').map(([, { Properties }]) => Properties);
      expect(permissions.filter(({ Principal }) => Principal === 'secretsmanager.amazonaws.com')).toEqual([
        {
          Action: 'lambda:InvokeFunction',
          FunctionName: { 'Fn::GetAtt': ['RotationSecretsManagerLambdaFunction', 'Arn'] },
          Principal: 'secretsmanager.amazonaws.com',
          SourceAccount: { Ref: 'AWS::AccountId' },
        },
      ]);
    });

    it('are put into a VPC, where one is named, only if they log in on hosts', () => {
      const placed = (packaged: Packaged) =>
        Object.fromEntries(
          ofType(packaged, 'AWS::Lambda::Function')
            .filter(([, { Properties }]) => Properties.VpcConfig !== undefined)
            .map(([name, { Properties }]) => [name, Properties.VpcConfig]),
        );
      const vpc = { SubnetIds: ['subnet-0a1b2c3d', 'subnet-1a1b2c3d'], SecurityGroupIds: ['sg-0a1b2c3d'] };
      expect(placed(example)).toEqual({});
      expect(placed(guarded)).toEqual({
        RotationWorkerLambdaFunction: vpc,
        RotationSecretsManagerLambdaFunction: vpc,
      });
    });

    it('check tokens themselves, and so does the gateway if it is asked to', () => {
      const checked = (packaged: Packaged) =>
        ofType(packaged, 'AWS::ApiGatewayV2::Route')
          .filter(([, { Properties }]) => Properties.AuthorizationType === 'JWT')
          .map(([, { Properties }]) => Properties.RouteKey as string);
      expect(checked(example)).toEqual([]);
      const open = ['GET /openapi.json', 'GET /health'];
      const routes = ofType(guarded, 'AWS::ApiGatewayV2::Route').map(
        ([, { Properties }]) => Properties.RouteKey as string,
      );
      expect(checked(guarded).sort()).toEqual(routes.filter((key) => !open.includes(key)).sort());
    });

    it('log into groups of their own, which forget after 90 days', () => {
      for (const [name, { FunctionName }] of all) {
        const group = example.template.Resources[name.replace('LambdaFunction', 'LogGroup')].Properties;
        expect(group).toMatchObject({ LogGroupName: `/aws/lambda/${FunctionName}`, RetentionInDays: 90 });
      }
    });

    it('have alarms for errors and throttles, which notify the topic where there is one', () => {
      const watched = (packaged: Packaged, metric: string) =>
        ofType(packaged, 'AWS::CloudWatch::Alarm')
          .map(([, { Properties }]): Json => Properties)
          .filter(({ MetricName }) => MetricName === metric);
      for (const metric of ['Errors', 'Throttles']) {
        const names = watched(example, metric).map(({ Dimensions: [{ Value }] }) => Value.Ref);
        expect(names.sort()).toEqual(all.map(([name]) => name).sort());
      }
      expect(watched(example, 'Errors')[0].AlarmActions).toBeUndefined();
      for (const [, { Properties }] of ofType(guarded, 'AWS::CloudWatch::Alarm')) {
        expect(Properties.AlarmActions).toEqual(['arn:aws:sns:eu-central-1:1:ops']);
      }
    });
  });
