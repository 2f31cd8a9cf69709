// The log groups: one for each function, which the framework makes, and the access log of the API. The customer key is over all of them.
// Source: CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS Key Management Service".
import { allFunctions, arn, att, type Extensions, title, type Value } from './words.ts';

/**
 * Under `/aws/vendedlogs/` a log group needs no entry of its own in the account's resource policy for log delivery, which has a size limit
 * that other APIs in the account may have reached.
 */
export const accessLogName = (stage: string): string => `/aws/vendedlogs/keyvend-${stage}/http-api`;

/** By name: the key's policy has to be there before a log group is, so it cannot refer to one. */
export const logGroupArns = (stage: string): Value[] =>
  [...allFunctions.map((name) => `/aws/lambda/keyvend-${stage}-${name}`), accessLogName(stage)].map((name) =>
    arn('logs', `log-group:${name}`),
  );

/** Refers to the key, and so comes after it and its policy; without that CloudWatch Logs would refuse the key. */
export const encryptedLogs: Extensions = Object.fromEntries(
  allFunctions.map((name) => [`${title(name)}LogGroup`, { Properties: { KmsKeyId: att('Key') } }]),
);
