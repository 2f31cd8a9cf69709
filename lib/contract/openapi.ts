// The contract as OpenAPI 3.1, from the routes that functions dispatch by and the schemas that requests and answers must fit.
import * as z from 'zod/mini';
import { DEFAULT_ACCOUNT } from '../identity.ts';
import { isGlobal, type ProviderName, providerNames } from '../provider-table.ts';
import { FiledAnswer, FiledRequest, RequestedEvent } from './filed-request.ts';
import { bodyFields, keyPairRequest } from './key-pair-request.ts';
import { KeyPairAnswer, KeyPairMetadata, KeyPairPage, ListQuery } from './metadata.ts';
import { PolicyAnswer, PolicyBody } from './policy-body.ts';
import { Problem } from './problem.ts';
import { ReleaseAnswer, ReleaseBody, RotationAnswer, WaiverBody } from './rotation-answer.ts';
import {
  allRoutes,
  type CatalogOperation,
  type InboxOperation,
  inboxRoutes,
  keyPairPath,
  type LifecycleOperation,
  openOperations,
} from './routes.ts';
import { AuditAnswer, AuditQuery, HistoryAnswer, HistoryQuery } from './trail-view.ts';

const schema = (of: z.core.$ZodType, io: 'input' | 'output' = 'input') => {
  const { $schema: _, ...rest } = z.toJSONSchema(of, { unrepresentable: 'any', io }) as Record<string, unknown>;
  return rest;
};
const json = (of: z.core.$ZodType, description: string) => ({
  description,
  content: { 'application/json': { schema: schema(of) } },
});
const problem = { description: 'a failure', content: { 'application/problem+json': { schema: schema(Problem) } } };
const queryParameter = ([name, of]: readonly [string, z.core.$ZodType]) => ({
  name,
  in: 'query',
  schema: schema(of, 'output'),
});
const inPath = (name: string) => ({ name, in: 'path', required: true, schema: { type: 'string' } });
const idempotencyKey = { name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 128 } };
const sent = (of: z.core.$ZodType) => ({ required: true, content: { 'application/json': { schema: schema(of) } } });
const at = {
  Location: {
    description: 'where the rotation is, as a URL or relative to that of the request',
    schema: { type: 'string' },
  },
};

const rotation = (status: number, description: string) => ({
  [status]: { ...json(RotationAnswer, description), headers: at },
  default: problem,
});
const metadata = (status: number, description: string) => ({
  [status]: json(KeyPairMetadata, description),
  default: problem,
});
const policy = (description: string) => ({ 200: json(PolicyAnswer, description), default: problem });

/** The parameters of a key pair's path, and of every path below it. */
const ofKeyPair = () => [
  { ...inPath('provider'), schema: { type: 'string', enum: providerNames } },
  inPath('name'),
  {
    name: 'region',
    in: 'query',
    description: `required, except for ${providerNames.filter(isGlobal).join(', ')}`,
    schema: { type: 'string' },
  },
  { name: 'account', in: 'query', schema: { type: 'string', default: DEFAULT_ACCOUNT } },
];

/** What each operation takes and answers, besides its path. */
const operations = (): Readonly<Record<CatalogOperation | LifecycleOperation, object>> => ({
  listKeyPairs: {
    parameters: Object.entries(ListQuery.shape).map(queryParameter),
    responses: { 200: json(KeyPairPage, 'a page of metadata'), default: problem },
  },
  readKeyPair: { responses: metadata(200, 'metadata') },
  readHistory: {
    parameters: Object.entries(HistoryQuery.shape).map(queryParameter),
    responses: { 200: json(HistoryAnswer, 'who changed what of it, the newest first'), default: problem },
  },
  readAudit: {
    parameters: Object.entries(AuditQuery.shape).map(queryParameter),
    responses: { 200: json(AuditAnswer, 'a page of key pairs with their newest entries'), default: problem },
  },
  readContract: { responses: { 200: { description: 'this document', content: { 'application/json': {} } } } },
  readHealth: { responses: { 200: json(z.strictObject({ status: z.literal('ok') }), 'this function answers') } },
  retireKeyPair: {
    parameters: [
      {
        ...{ name: 'force', in: 'query', schema: { type: 'boolean', default: false } },
        description: 'also while instances have the key pair',
      },
    ],
    responses: metadata(202, 'out of use; it can be restored until it is purged'),
  },
  restoreKeyPair: { responses: metadata(200, 'in use again') },
  readPolicy: { responses: policy("the policy that applies: the key pair's own, and the configuration for the rest") },
  putPolicy: { requestBody: sent(PolicyBody), responses: policy('what applies from now on') },
  rotateKeyPair: {
    parameters: [idempotencyKey],
    responses: rotation(202, 'the rotation that was begun, or the one that is already under way'),
  },
  readRotation: { responses: { 200: json(RotationAnswer, 'the rotation as it is now'), default: problem } },
  cancelRotation: { responses: rotation(202, 'everything is taken back') },
  releasePair: {
    requestBody: { ...sent(ReleaseBody), required: false },
    responses: {
      200: json(ReleaseAnswer, 'what releasing the pair would do, and to which instances'),
      202: json(ReleaseAnswer, 'the worker detaches it from these instances'),
      default: problem,
    },
  },
  waiveHost: {
    requestBody: sent(WaiverBody),
    responses: rotation(200, 'the rotation no longer waits for that host, which may be locked out'),
  },
});

const headers = {
  Location: {
    description: 'where its metadata is, as a URL or relative to that of the request',
    schema: { type: 'string' },
  },
  'Key-Pair-Usage': {
    description: 'where the region is close to its quota: `used=460, limit=500` (a dictionary of RFC 9651)',
    schema: { type: 'string' },
  },
};

const vendOperation = (provider: ProviderName) => ({
  parameters: [idempotencyKey],
  requestBody: sent(z.strictObject(bodyFields(provider))),
  responses: {
    201: { ...json(KeyPairAnswer, 'made; sending the same request again answers 200 with the same body'), headers },
    200: { ...json(KeyPairAnswer, 'made before, by the same request'), headers },
    default: problem,
  },
});

/** Where a platform has an inbox. */
const inboxOperations = (): Readonly<Record<InboxOperation, object>> => ({
  fileRequest: {
    parameters: [idempotencyKey],
    requestBody: {
      required: true,
      description: 'by itself, or as the data of a CloudEvent, in binary mode (ce-* headers) or in structured mode',
      content: {
        'application/json': { schema: { oneOf: providerNames.map((provider) => schema(keyPairRequest(provider))) } },
        'application/cloudevents+json': { schema: schema(RequestedEvent) },
      },
    },
    responses: {
      202: {
        ...json(FiledAnswer, 'filed, now or by the same request before'),
        headers: { Location: { ...at.Location, description: 'where it says what has become of it' } },
      },
      default: problem,
    },
  },
  readRequest: {
    responses: {
      200: json(FiledRequest, 'what has become of it, for whoever sent it or may read the key pair'),
      default: problem,
    },
  },
});

function paths(inbox: boolean): Readonly<Record<string, object>> {
  const described: Readonly<Record<string, object>> = {
    ...operations(),
    ...inboxOperations(),
    ...Object.fromEntries(providerNames.map((provider) => [`vend-${provider}`, vendOperation(provider)])),
  };
  const all: Record<string, object> = {};
  const ofInbox = Object.entries(inboxRoutes).map(([operation, key]) => ({ operation, key }));
  for (const { operation, key } of [...allRoutes(), ...(inbox ? ofInbox : [])]) {
    const [method = '', path = ''] = key.split(' ');
    const ofPath = [
      ...(path.startsWith(keyPairPath) ? ofKeyPair() : []),
      ...(path.includes('{id}') ? [inPath('id')] : []),
    ];
    const common = ofPath.length > 0 ? { parameters: ofPath } : {};
    const security = openOperations.has(operation) ? { security: [] } : {};
    const own = { [method.toLowerCase()]: { operationId: operation, ...security, ...described[operation] } };
    all[path] = { ...common, ...all[path], ...own };
  }
  return all;
}

/** @param inbox whether the routes of an inbox are served as well */
export const openApi = ({ inbox = false }: { readonly inbox?: boolean } = {}) => ({
  openapi: '3.1.0',
  info: { title: 'keyvend', version: '1', description: 'Vends SSH key pairs. The private key is never in an answer.' },
  security: [{ bearer: [] }],
  components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  paths: paths(inbox),
});
