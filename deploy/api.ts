// What serverless.yml cannot say about its routes: a cap on requests, and, for those who want it, API Gateway's own check of
// tokens in front of ours. Its 401 is not ours, see docs/deploy.md.
import { allRoutes, openOperations } from '../lib/contract/routes.ts';
import type { Parameters } from './parameters.ts';
import { type Resource, type Resources, ref, title, type Value } from './words.ts';

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
          .replaceAll('-', 'Dash'),
      ),
    )
    .join('')}`;

/** The routes that need a token. */
const guarded = allRoutes()
  .filter(({ operation }) => !openOperations.has(operation))
  .map(({ key }) => logicalName(key));

export const api = ({ gatewayAuthorizer, issuer, audience }: Parameters): Resources =>
  gatewayAuthorizer
    ? {
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
      }
    : {};

export function extensions({ gatewayAuthorizer }: Parameters): Record<string, Pick<Resource, 'Properties'>> {
  const checked: Record<string, Value> = { AuthorizationType: 'JWT', AuthorizerId: ref('TokenAuthorizer') };
  return {
    HttpApiStage: {
      Properties: { DefaultRouteSettings: { ThrottlingBurstLimit: 200, ThrottlingRateLimit: 100 } },
    },
    ...(gatewayAuthorizer ? Object.fromEntries(guarded.map((route) => [route, { Properties: checked }])) : {}),
  };
}
