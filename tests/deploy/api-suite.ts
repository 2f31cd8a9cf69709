// The HTTP API in front of the functions: what it writes down of a request, and how much of a flood it lets through.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allRoutes, openOperations } from '../../lib/contract/routes.ts';
import { type Json, list, ofType, type Packaged } from './packaged.ts';

export const httpApi = (example: Packaged, small: Packaged) =>
  describe('the HTTP API', () => {
    const { Resources } = example.template;
    const stage = Resources.HttpApiStage.Properties;
    const groupOf = ({ template }: Packaged): Json => {
      const { DestinationArn } = template.Resources.HttpApiStage.Properties.AccessLogSettings;
      return template.Resources[DestinationArn['Fn::GetAtt'][0]];
    };

    it('logs each request into a group of its own, for as long as the functions log', () => {
      const { Type, Properties } = groupOf(example);
      expect(Type).toBe('AWS::Logs::LogGroup');
      // Under this prefix API Gateway needs no entry of its own in the account's resource policy, which has a size limit.
      expect(Properties.LogGroupName).toBe('/aws/vendedlogs/keyvend-example/http-api');
      expect(Properties.RetentionInDays).toBe(90);
      expect(groupOf(small).Properties.RetentionInDays).toBe(30);
      expect(small.template.Resources.EcsHttpLogGroup.Properties.RetentionInDays).toBe(30);
    });

    it('shows in its log who asked for which route and what came of it, and no header, path, query or body', () => {
      const { Format } = stage.AccessLogSettings;
      const shown: Readonly<Record<string, string>> = JSON.parse(Format);
      const sources = Object.values(shown);
      for (const source of ['requestId', 'identity.sourceIp', 'routeKey', 'status', 'authorizer.error'])
        expect(sources, source).toContain(`$context.${source}`);
      // Of all that API Gateway can show: what a caller writes, and what a token or a signature says of a caller.
      expect(Format).not.toMatch(
        /header|authorization|request(Override)?\.|path|query|body|claims|cognito|authorizer\.(?!error)|identity\.(?!sourceIp|userAgent)/i,
      );
      const page = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
      for (const field of Object.keys(shown)) expect(page, field).toContain(`\`${field}\``);
      // A caller writes it as they please; where a field comes twice, the later one counts.
      expect(Object.keys(JSON.parse(Format))[0]).toBe('userAgent');
    });

    it('gives each route a limit of its own, so that a flood at one leaves the others open', () => {
      const routes = ofType(example, 'AWS::ApiGatewayV2::Route');
      const keys = routes.map(([, { Properties }]) => Properties.RouteKey);
      expect(Object.keys(stage.RouteSettings).sort()).toEqual(keys.sort());
      for (const [key, limits] of Object.entries<Json>(stage.RouteSettings)) {
        expect(limits.ThrottlingRateLimit, key).toBeGreaterThan(0);
        expect(limits.ThrottlingBurstLimit, key).toBeGreaterThanOrEqual(limits.ThrottlingRateLimit);
        expect(limits.ThrottlingRateLimit, key).toBeLessThan(stage.DefaultRouteSettings.ThrottlingRateLimit);
      }
      // API Gateway refuses settings of a route that it does not have yet.
      expect(list(Resources.HttpApiStage.DependsOn)).toEqual(expect.arrayContaining(routes.map(([name]) => name)));
    });

    it('takes few requests without a token, and at every vending route more creates than a cloud carries out', () => {
      const rate = (operation: RegExp) =>
        allRoutes()
          .filter((route) => operation.test(route.operation))
          .map(({ key }) => stage.RouteSettings[key].ThrottlingRateLimit as number);
      const open = rate(new RegExp(`^(${[...openOperations].join('|')})$`));
      expect(open).toHaveLength(2);
      expect(open.reduce((a, b) => a + b)).toBeLessThanOrEqual(5);
      const [vending, many] = [rate(/^vend\w+KeyPair$/), rate(/^(vend\w+KeyPairs|putPolicies)$/)];
      expect([vending.length, many.length]).toEqual([3, 4]);
      for (const perSecond of vending) expect(perSecond).toBeGreaterThan(10);
      for (const perSecond of many) expect(perSecond).toBeLessThan(5); // a hundred each
    });

    it('lets through in all what docs/deploy.md says', () => {
      const page = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
      const limits = Object.values<Json>(stage.RouteSettings);
      const perSecond = limits.reduce((all, { ThrottlingRateLimit }) => all + ThrottlingRateLimit, 0);
      expect(page).toContain(`All routes together take ${perSecond} requests a second`);
    });
  });
