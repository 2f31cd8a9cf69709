// The contract as OpenAPI 3.1, made from the schemas that requests and answers are held to.
import * as z from 'zod/mini';
import { KeyPairAnswer, KeyPairMetadata, KeyPairPage, ListQuery } from './catalog.ts';
import { KeyPairRequest } from './key-pair.ts';
import { Problem } from './problem.ts';

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
      get: {
        operationId: 'readKeyPair',
        parameters: [inPath('provider'), inPath('name'), { name: 'region', in: 'query', schema: { type: 'string' } }],
        responses: { 200: json(KeyPairMetadata, 'metadata'), default: problem },
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
  parameters: [{ name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 128 } }],
  requestBody: { required: true, content: { 'application/json': { schema: schema(body) } } },
  responses: {
    201: { ...json(KeyPairAnswer, 'made; the same request again answers 200 with the same body'), headers },
    200: { ...json(KeyPairAnswer, 'made before, by the same request'), headers },
    default: problem,
  },
});
