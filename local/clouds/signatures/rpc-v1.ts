// Alibaba RPC signature version 1.0, HMAC-SHA1 over the parameters: @alicloud/rpc-client, and the ECS SDK with
// `signatureAlgorithm: 'v2'`. Source: "RPC mechanism: signature" (Alibaba Cloud SDK docs).
import { formPairs, queryPairs, type Received } from '../http/received.ts';
import { refuseAlibaba } from '../protocols/alibaba-errors.ts';
import { instantOf } from './alibaba-time.ts';
import { canonicalQuery, hmac, percentEncode } from './canonical.ts';
import type { Claim } from './claim.ts';

const mandatory = ['AccessKeyId', 'Signature', 'SignatureMethod', 'SignatureVersion'];
/** KMS's page of common parameters knows no nonce. */
const WITHOUT_NONCE = '2016-01-20';

/** What is signed: query and form together, whatever the method. */
export function rpcStringToSign(request: Received): string {
  const signed = [...queryPairs(request), ...formPairs(request)].filter(([name]) => name !== 'Signature');
  return `${request.method}&%2F&${percentEncode(canonicalQuery(signed))}`;
}

export const rpcSignature = (secret: string, stringToSign: string): string =>
  hmac('sha1', `${secret}&`, stringToSign).toString('base64');

export function readRpcV1(request: Received): Claim {
  const parameters = new Map([...queryPairs(request), ...formPairs(request)]);
  const value = (name: string): string => parameters.get(name) ?? '';
  for (const name of mandatory) if (!value(name)) throw refuseAlibaba('MissingParameter', name);
  if (!value('SignatureNonce') && value('Version') !== WITHOUT_NONCE)
    throw refuseAlibaba('MissingParameter', 'SignatureNonce');
  if (value('SignatureMethod') !== 'HMAC-SHA1' || value('SignatureVersion') !== '1.0') {
    throw refuseAlibaba('IncompleteSignature');
  }
  return {
    keyId: value('AccessKeyId'),
    token: parameters.get('SecurityToken'),
    signedAtMs: instantOf(parameters.get('Timestamp')),
    once: value('SignatureNonce') || undefined,
    signature: value('Signature'),
    stringsToSign: [rpcStringToSign(request)],
    sign: rpcSignature,
  };
}
