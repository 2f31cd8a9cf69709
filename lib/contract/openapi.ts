// The contract as OpenAPI 3.1, made from the schemas that requests and answers are held to.
import * as z from 'zod/mini';
import { KeyPairRequest } from './key-pair-request.ts';
import { KeyPairAnswer, KeyPairMetadata, KeyPairPage, ListQuery } from './metadata.ts';
import { PolicyAnswer, PolicyBody } from './policy-body.ts';
import { Problem } from './problem.ts';
import { RotationAnswer, WaiverBody } from './rotation-answer.ts';

const schema = (of: z.core.$ZodType, io: 'input' | 'output' = 'input') => {
  const { $schema: _, ...rest } = z.toJSONSchema(of, { unrepresentable: 'any', io }) as Record<string, unknown>;
  return rest;
};
const json = (of: z.core.$ZodType, description: string) => ({
  description,
  content: { 'application/json': { schema: schema(of) } },
});
const problem = { description: 'a failure', content: { 'application/problem+json': { schema: schema(Problem) } } };
const inPath = (name: string) => ({ name, in: 'path', required: true, schema: { type: 'string' } });
const idempotencyKey = { name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 128 } };
/** Of every path below `/v1/{provider}/key-pairs/{name}`. */
const ofKeyPair = [
  { ...inPath('provider'), schema: { type: 'string', enum: ['ens', 'ecs', 'cvm'] } },
  inPath('name'),
  { name: 'region', in: 'query', description: 'needed, except for ens', schema: { type: 'string' } },
  { name: 'account', in: 'query', schema: { type: 'string', default: 'default' } },
];
const ofRotation = [...ofKeyPair, inPath('id')];
const sent = (of: z.core.$ZodType) => ({
  required: true,
  content: { 'application/json': { schema: schema(of) } },
});
const at = { Location: { description: 'where the rotation is', schema: { type: 'string' } } };
const rotation = (status: number, description: string) => ({
  [status]: { ...json(RotationAnswer, description), headers: at },
  default: problem,
});
const metadata = (status: number, description: string) => ({
  [status]: json(KeyPairMetadata, description),
  default: problem,
});

export const openApi = () => ({
  openapi: '3.1.0',
  info: { title: 'keyvend', version: '1', description: 'Vends SSH key pairs. The private key is never in an answer.' },
  security: [{ bearer: [] }],
  components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  paths: {
    ...Object.fromEntries(
      KeyPairRequest.def.options.map((option) => {
        const { provider, ...fields } = option.shape;
        return [
          `/v1/${provider.def.values[0]!}/key-pairs`,
          { post: vendOperation(provider.def.values[0]!, z.strictObject(fields)) },
        ];
      }),
    ),
    '/v1/key-pairs': {
      get: {
        operationId: 'listKeyPairs',
        parameters: Object.entries(ListQuery.shape).map(([name, of]) => ({
          name,
          in: 'query',
          schema: schema(of, 'output'),
        })),
        responses: { 200: json(KeyPairPage, 'a page of metadata'), default: problem },
      },
    },
    '/v1/{provider}/key-pairs/{name}': {
      parameters: ofKeyPair,
      get: { operationId: 'readKeyPair', responses: metadata(200, 'metadata') },
      delete: {
        operationId: 'retireKeyPair',
        responses: metadata(202, 'out of use; until it is purged, it can be restored'),
      },
    },
    '/v1/{provider}/key-pairs/{name}/restoration': {
      parameters: ofKeyPair,
      post: { operationId: 'restoreKeyPair', responses: metadata(200, 'in use again') },
    },
    '/v1/{provider}/key-pairs/{name}/policy': {
      parameters: ofKeyPair,
      get: {
        operationId: 'readPolicy',
        responses: {
          200: json(PolicyAnswer, 'what applies: its own policy, and what is configured'),
          default: problem,
        },
      },
      put: {
        operationId: 'putPolicy',
        requestBody: sent(PolicyBody),
        responses: { 200: json(PolicyAnswer, 'what applies from now on'), default: problem },
      },
    },
    '/v1/{provider}/key-pairs/{name}/rotations': {
      parameters: ofKeyPair,
      post: {
        operationId: 'rotateKeyPair',
        parameters: [idempotencyKey],
        responses: rotation(202, 'asked for; where one is under way, that one'),
      },
    },
    '/v1/{provider}/key-pairs/{name}/rotations/{id}': {
      parameters: ofRotation,
      get: { operationId: 'readRotation', responses: { 200: json(RotationAnswer, 'as it stands'), default: problem } },
      delete: { operationId: 'cancelRotation', responses: rotation(202, 'everything is taken back') },
    },
    '/v1/{provider}/key-pairs/{name}/rotations/{id}/waivers': {
      parameters: ofRotation,
      post: {
        operationId: 'waiveHost',
        requestBody: sent(WaiverBody),
        responses: rotation(200, 'that host is not waited for any more, and may be locked out'),
      },
    },
  },
});

const headers = {
  Location: { description: 'where its metadata is', schema: { type: 'string' } },
  'Key-Pair-Usage': {
    description: 'where the region is close to its quota: `used=460, limit=500` (a dictionary of RFC 9651)',
    schema: { type: 'string' },
  },
};

const vendOperation = (provider: string, body: z.core.$ZodType) => ({
  operationId: `vend-${provider}`,
  parameters: [idempotencyKey],
  requestBody: sent(body),
  responses: {
    201: { ...json(KeyPairAnswer, 'made; the same request again answers 200 with the same body'), headers },
    200: { ...json(KeyPairAnswer, 'made before, by the same request'), headers },
    default: problem,
  },
});
