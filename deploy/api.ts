// What serverless.yml cannot say about its routes: limits, a log of requests, and, for those who want it, API Gateway's own check
// of tokens in front of ours. Its 401 is not ours, see docs/deploy.md.
import { corsRules } from '../lib/application/cors.ts';
import { allRoutes, openOperations } from '../lib/contract/routes.ts';
import { accessLog, accessLogSettings } from './access-log.ts';
import { throttling } from './api-limits.ts';
import type { Parameters } from './parameters.ts';
import { type Extensions, type Resources, ref, title, type Value } from './words.ts';

/** How the framework names a route of serverless.yml. */
const logicalName = (key: string): string =>
  `HttpApiRoute${key
    .split(/[ /]/)
    .filter((word) => word !== '')
    .map((word) =>
      title(
        word
          .toLowerCase()
          .replace(/^\{(\w+)\}$/, '$1Var')
          .replaceAll('-', 'Dash')
          .replaceAll(/\W/g, ''),
      ),
    )
    .join('')}`;

/** The routes that need a token. */
const guarded = allRoutes()
  .filter(({ operation }) => !openOperations.has(operation))
  .map(({ key }) => logicalName(key));

export const api = (parameters: Parameters): Resources => ({
  ...accessLog(parameters),
  ...(parameters.gatewayAuthorizer ? authorizer(parameters) : {}),
});

const authorizer = ({ issuer, audience }: Parameters): Resources => ({
  TokenAuthorizer: {
    Type: 'AWS::ApiGatewayV2::Authorizer',
    Properties: {
      ApiId: ref('HttpApi'),
      Name: 'tokens',
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: issuer, Audience: [audience] },
    },
  },
});

/** API Gateway answers preflights by itself, and says so on its own refusals, too; what a function says of it is not passed on. */
const cors = (origins: readonly string[]): Value => ({
  AllowOrigins: origins,
  AllowMethods: corsRules.methods,
  AllowHeaders: corsRules.requestHeaders,
  ExposeHeaders: corsRules.answerHeaders,
  MaxAge: corsRules.keepSeconds,
});

export function extensions({ gatewayAuthorizer, corsOrigins }: Parameters): Extensions {
  const checked: Record<string, Value> = { AuthorizationType: 'JWT', AuthorizerId: ref('TokenAuthorizer') };
  return {
    HttpApiStage: {
      // API Gateway refuses settings of a route that is not there yet.
      DependsOn: allRoutes().map(({ key }) => logicalName(key)),
      Properties: { ...throttling, AccessLogSettings: accessLogSettings },
    },
    ...(corsOrigins.length > 0 && { HttpApi: { Properties: { CorsConfiguration: cors(corsOrigins) } } }),
    ...(gatewayAuthorizer ? Object.fromEntries(guarded.map((route) => [route, { Properties: checked }])) : {}),
  };
}
