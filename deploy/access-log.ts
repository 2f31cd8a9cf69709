// What API Gateway writes down of each request: who asked for which route, and what came of it. The functions log only what reaches them.
// Source: API Gateway Developer Guide, "Customize HTTP API access logs".
import { accessLogName } from './log-groups.ts';
import type { Parameters } from './parameters.ts';
import { att, type Resources, type Value } from './words.ts';

/**
 * A route as it was declared, never a path: names of key pairs are in there. No header but the user agent, no query, no body, and nothing
 * that a token says. The user agent is first because a caller writes it: should a quotation mark in it open a field that is ours, ours
 * comes later and counts.
 */
const shown = {
  userAgent: '$context.identity.userAgent',
  requestId: '$context.requestId',
  functionRequestId: '$context.integration.requestId', // `function_request_id` in the function's own log
  time: '$context.requestTimeEpoch',
  ip: '$context.identity.sourceIp',
  routeKey: '$context.routeKey',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  integrationStatus: '$context.integrationStatus',
  integrationLatencyMs: '$context.integrationLatency',
  integrationError: '$context.integrationErrorMessage',
  authorizerError: '$context.authorizer.error',
  gatewayError: '$context.error.responseType', // THROTTLED, UNAUTHORIZED and so on, where no function was asked
};

export const accessLog = ({ stage, logRetentionDays }: Parameters): Resources => ({
  AccessLog: {
    Type: 'AWS::Logs::LogGroup',
    Properties: { LogGroupName: accessLogName(stage), RetentionInDays: logRetentionDays, KmsKeyId: att('Key') },
  },
});

export const accessLogSettings: Value = { DestinationArn: att('AccessLog'), Format: JSON.stringify(shown) };
