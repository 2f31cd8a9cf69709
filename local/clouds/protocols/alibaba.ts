// Alibaba's RPC style: parameters in the query or a form, answers as flat JSON, errors with 4xx and 5xx.
// Source: "Request structure", "Response" (Alibaba Cloud OpenAPI docs). XML, the documented default of `Format`, is not
// spoken: every SDK asks for JSON.
import { randomUUID } from 'node:crypto';
import { json } from '../http/delivery.ts';
import { formPairs, queryPairs, type Received } from '../http/received.ts';
import { Refused } from '../refused.ts';
import { isAcs3, readAcs3 } from '../signatures/acs3.ts';
import type { Claim } from '../signatures/claim.ts';
import { readRpcV1 } from '../signatures/rpc-v1.ts';
import { refuseAlibaba } from './alibaba-errors.ts';
import type { Call, Protocol } from './protocol.ts';

/** All share one port, so the product is told by the version, not by the host. */
const products: ReadonlyMap<string, Pick<Call, 'service' | 'product'>> = new Map([
  ['2017-11-10', { service: 'ens', product: 'ens' }],
  ['2014-05-26', { service: 'ecs', product: 'ecs' }],
  ['2022-02-22', { service: 'ecs', product: 'ess' }],
  ['2016-01-20', { service: 'ecs', product: 'kms' }],
  ['2020-04-01', { service: 'ecs', product: 'eventbridge' }],
]);

const parametersOf = (request: Received) => new Map([...queryPairs(request), ...formPairs(request)]);
/** KMS's and EventBridge's is told by the host alone, which is of one region. */
function regionOf(product: Call['product'], request: Received, parameters: ReadonlyMap<string, string>): string {
  if (product === 'ens') return 'global';
  const [, byHost = ''] =
    /^(?:kms(?:-vpc)?|eventbridge)\.([a-z\d-]+)\.aliyuncs\.com/.exec(request.headers.get('host') ?? '') ?? [];
  return parameters.get('RegionId') ?? (product === 'kms' || product === 'eventbridge' ? byHost || 'cn-hangzhou' : '');
}

const common = (request: Received, name: string): string =>
  (isAcs3(request) ? request.headers.get(`x-acs-${name.toLowerCase()}`) : parametersOf(request).get(name)) ?? '';

export const alibaba: Protocol = {
  cloud: 'alibaba',
  scheme: (request) => (isAcs3(request) ? readAcs3 : readRpcV1)(request),

  named: (request) => ({ version: common(request, 'Version'), action: common(request, 'Action') }),

  read(request) {
    const parameters = parametersOf(request);
    const { version, action } = alibaba.named(request);
    const product = products.get(version);
    if (!product) throw refuseAlibaba('InvalidVersion');
    if (request.path !== '/') throw refuseAlibaba('InvalidAction.NotFound');
    const inQuery = new Set(queryPairs(request).map(([name]) => name));
    return {
      ...product,
      action,
      region: regionOf(product.product, request, parameters),
      parameters,
      inQuery,
      asText: true,
    };
  },

  refusals: (behaviour) => ({
    unknownKey: () => {
      const { code, message } = refuseAlibaba('InvalidAccessKeyId.NotFound');
      return new Refused(code, behaviour['alibaba.unknownKeyStatus'], message);
    },
    inactiveKey: () => refuseAlibaba('InvalidAccessKeyId.Inactive'),
    stale: () => refuseAlibaba('InvalidTimeStamp.Expired'),
    tokenMissing: () => refuseAlibaba('MissingSecurityToken'),
    tokenUnknown: () => refuseAlibaba('InvalidSecurityToken.Malformed'),
    tokenOfAnotherKey: () => refuseAlibaba('InvalidSecurityToken.MismatchWithAccessKey'),
    tokenExpired: () => refuseAlibaba('InvalidSecurityToken.Expired'),
    mismatch: (claim) => refuseAlibaba('SignatureDoesNotMatch', serverText(claim)),
    replayed: () => refuseAlibaba('SignatureNonceUsed'),
  }),

  requestId: () => randomUUID().toUpperCase(),
  success: (body, requestId) => ({ ...body, RequestId: requestId }),
  failure: ({ code, message, status }, requestId, request) =>
    products.get(alibaba.named(request).version)?.product === 'kms'
      ? { HttpStatus: status, Code: code, Message: message, RequestId: requestId }
      : {
          RequestId: requestId,
          HostId: request.headers.get('host') ?? '',
          Code: code,
          Message: message,
          Recommend: `https://api.alibabacloud.com/troubleshoot?q=${encodeURIComponent(code)}&requestId=${requestId}`,
        },
  answer: (status, body, _requestId, headers) => json(status, body, headers),
  broken: () => refuseAlibaba('InternalError'),
  throttled: (retryAfterMs) => {
    const { code, status, message } = refuseAlibaba('Throttling.User');
    return new Refused(
      code,
      status,
      message,
      retryAfterMs === undefined ? {} : { 'x-acs-retry-after': String(retryAfterMs) },
    );
  },
};

/** Like the real service, with every parameter's value in it. ACS3's string holds only a hash: the text behind it follows. */
const serverText = ({ stringsToSign: [text], canonicalRequest }: Claim): string =>
  canonicalRequest === undefined ? text : `${text}, server canonical request is:${canonicalRequest}`;
