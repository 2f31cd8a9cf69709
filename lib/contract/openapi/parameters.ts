// What is sent beside a body, and what is answered beside one.
import type * as z from 'zod/mini';
import { querySchema } from './schemas.ts';

const inPathWords = {
  provider: 'The cloud’s key-pair service.',
  name: 'The name, by the provider’s own rule.',
  id: 'The id, as an answer has given it.',
} as const;

/** The parameters of a key pair's path, and of every path below it. */
export const ofKeyPair = ['provider', 'name', 'region', 'account'] as const;

export const inPath = (name: keyof typeof inPathWords) => ({
  ...{ name, in: 'path', required: true, description: inPathWords[name] },
  schema: { type: 'string', minLength: 1 },
});

export function queryParameters(query: z.ZodMiniObject): readonly object[] {
  const { properties, required = [] } = querySchema(query) as {
    readonly properties: Readonly<Record<string, { readonly description?: string }>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    ...{ name, in: 'query', ...(required.includes(name) && { required: true }), description, schema },
  }));
}

export const idempotencyKey = {
  ...{ name: 'Idempotency-Key', in: 'header' },
  description:
    'Stands for this request for a day: sent again with it, the answer is the same. With another request it is `KEY_REUSED`.',
  schema: { type: 'string', minLength: 1, maxLength: 128, pattern: '^"?[!#-~]{1,128}"?$' },
};

export const headers = {
  Location: { description: 'Where it is, as a URL or relative to that of the request.', schema: { type: 'string' } },
  'Retry-After': {
    description: 'Seconds after which the same request may be sent again; absent where that is not known.',
    schema: { type: 'integer', minimum: 0 },
  },
  'Key-Pair-Usage': {
    description: 'Where the region is close to its quota: `used=460, limit=500` (a dictionary of RFC 9651).',
    schema: { type: 'string' },
  },
  'WWW-Authenticate': { description: 'What is wrong with the token (RFC 6750).', schema: { type: 'string' } },
};
