// SMQ (formerly MNS): XML over HTTP, one path for each queue. Source: "Call methods" (Simple Message Queue), version 2015-06-06.
import { createHash, randomUUID } from 'node:crypto';
import { queryPairs, type Received } from '../http/received.ts';
import { refuseSmq } from '../services/smq/errors.ts';
import { read, written, type Xml } from '../services/smq/xml.ts';
import { readMns } from '../signatures/mns.ts';
import type { Protocol } from './protocol.ts';

const namespace = ' xmlns="http://mns.aliyuncs.com/doc/v1/"';

/** Which action a request is for, by its method, path and query. */
function actionOf({ method, path }: Received, query: ReadonlyMap<string, string>): string {
  const ofMessages = {
    POST: 'SendMessage',
    GET: 'ReceiveMessage',
    DELETE: 'DeleteMessage',
    PUT: 'ChangeMessageVisibility',
  };
  const ofQueue = { PUT: 'CreateQueue', GET: 'GetQueueAttributes', DELETE: 'DeleteQueue' };
  const [, name, messages] = /^\/queues\/([^/]+)(\/messages)?$/.exec(path) ?? [];
  if (name === undefined || query.has('metaoverride')) return '';
  const table: Readonly<Record<string, string>> = messages ? ofMessages : ofQueue;
  return table[method] ?? '';
}

export const smqProtocol: Protocol = {
  cloud: 'alibaba',
  scheme: readMns,

  named: (request) => ({
    version: request.headers.get('x-mns-version') ?? '',
    action: actionOf(request, new Map(queryPairs(request))),
  }),

  read(request) {
    const query = new Map(queryPairs(request));
    const { version, action } = smqProtocol.named(request);
    if (version === '') throw refuseSmq('MissingVersionHeader');
    if (version !== '2015-06-06') throw refuseSmq('InvalidVersionHeader');
    if (action === '') throw refuseSmq('InvalidRequestURL');
    checkDigest(request);
    const [, QueueName = ''] = /^\/queues\/([^/]+)/.exec(request.path) ?? [];
    const parameters = new Map<string, unknown>([...query, ...bodyOf(request), ['QueueName', QueueName]]);
    return { service: 'ecs', product: 'smq', action, region: 'cn-hangzhou', parameters, asText: true };
  },

  refusals: () => ({
    unknownKey: () => refuseSmq('InvalidAccessKeyId'),
    inactiveKey: () => refuseSmq('InvalidAccessKeyId'),
    stale: () => refuseSmq('TimeExpired'),
    tokenMissing: () => refuseSmq('InvalidAccessKeyId'),
    tokenUnknown: () => refuseSmq('SecurityTokenInvalid'),
    tokenOfAnotherKey: () => refuseSmq('SecurityTokenInvalid'),
    tokenExpired: () => refuseSmq('StsAccessIdExpired'),
    mismatch: () => refuseSmq('SignatureDoesNotMatch'),
    replayed: () => refuseSmq('SignatureDoesNotMatch'),
  }),

  requestId: () => randomUUID().replaceAll('-', '').slice(0, 24).toUpperCase(),
  success: (body) => body,
  failure: ({ code, message }, requestId, request) => ({
    Error: {
      Code: code,
      Message: message,
      RequestId: requestId,
      HostId: `http://${request.headers.get('host') ?? ''}`,
    },
  }),
  broken: () => refuseSmq('InternalError'),
  throttled: () => refuseSmq('QpsLimitExceeded'),
  answer(status, body, requestId, headers = {}) {
    const [root] = Object.keys(body);
    const text = root === undefined ? '' : `<?xml version="1.0"?>\n${written(root, body[root] as Xml, namespace)}`;
    const type: Record<string, string> = text === '' ? {} : { 'content-type': 'text/xml;charset=utf-8' };
    const all = { ...type, 'x-mns-version': '2015-06-06', 'x-mns-request-id': requestId, ...headers };
    return { status, headers: all, body: text, manner: { kind: 'whole' } };
  },
};

/** What is in the body's root, by name. */
function bodyOf({ body }: Received): [string, unknown][] {
  if (body.length === 0) return [];
  const document = read(body.toString('utf8'));
  if (document === undefined) throw refuseSmq('MalformedXML');
  return typeof document.value === 'object' ? Object.entries(document.value) : [];
}

/** The digest in base64, or its hexadecimal text in base64: SMQ's own Node client sends that. */
function checkDigest({ headers, body }: Received): void {
  const sent = headers.get('content-md5');
  if (sent === undefined) return;
  const digest = createHash('md5').update(body);
  const hex = digest.digest('hex');
  const fine = [Buffer.from(hex, 'hex'), Buffer.from(hex)].some((bytes) => bytes.toString('base64') === sent);
  if (!fine) throw refuseSmq('InvalidDigest');
}
