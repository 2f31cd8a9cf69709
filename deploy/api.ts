// What serverless.yml cannot say about its routes: a cap on requests, and, for those who want it, API Gateway's own check of
// tokens in front of ours. Its 401 is not ours, see docs/deploy.md.
import type { Parameters } from './parameters.ts';
import { type Resource, type Resources, ref, type Value } from './words.ts';

/** As the framework names the routes of serverless.yml that need a token. */
const guarded = [
  'HttpApiRoutePostV1EnsKeyDashpairs',
  'HttpApiRoutePostV1EcsKeyDashpairs',
  'HttpApiRoutePostV1CvmKeyDashpairs',
  'HttpApiRouteGetV1KeyDashpairs',
  'HttpApiRouteGetV1ProviderVarKeyDashpairsNameVar',
  'HttpApiRouteDeleteV1ProviderVarKeyDashpairsNameVar',
  'HttpApiRoutePostV1ProviderVarKeyDashpairsNameVarRestoration',
  'HttpApiRouteGetV1ProviderVarKeyDashpairsNameVarPolicy',
  'HttpApiRoutePutV1ProviderVarKeyDashpairsNameVarPolicy',
  'HttpApiRoutePostV1ProviderVarKeyDashpairsNameVarRotations',
  'HttpApiRouteGetV1ProviderVarKeyDashpairsNameVarRotationsIdVar',
  'HttpApiRouteDeleteV1ProviderVarKeyDashpairsNameVarRotationsIdVar',
  'HttpApiRoutePostV1ProviderVarKeyDashpairsNameVarRotationsIdVarWaivers',
];

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
