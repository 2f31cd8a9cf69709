// The contract as OpenAPI 3.1, from the routes that functions dispatch by and the schemas that requests and answers must fit.
import type * as z from 'zod/mini';
import { type FailureCode, failures } from '../../errors.ts';
import { DEFAULT_ACCOUNT } from '../../identity.ts';
import { GLOBAL, isGlobal, isProvider, type ProviderName, providerNames } from '../../provider-table.ts';
import { allRoutes, inboxRoutes, keyPairPath, openOperations, type VendOperation, vendOperationId } from '../routes.ts';
import { ofEveryRequest, ofQueries, ofTokens } from './codes.ts';
import { exampleOf, type Recorded } from './examples.ts';
import {
  type Answer,
  adoptOperation,
  inboxOperations,
  type Operation,
  operations,
  tags,
  vendManyOperation,
  vendOperation,
} from './operations.ts';
import { headers, idempotencyKey, inPath, ofKeyPair, queryParameters } from './parameters.ts';
import { adoptBody, requestBody, schemaRef, schemas, vendBody, vendManyBody } from './schemas.ts';

const JSON_TYPE = 'application/json';

/** An operation with what is its own beyond the tables: the body that a provider takes. */
interface Described extends Operation {
  readonly sent?: object;
}

const sentAs = (name: string, required: boolean, examples: object = {}) => ({
  required,
  content: { [JSON_TYPE]: { schema: schemaRef(name), ...examples } },
});

function described(inbox: boolean): Readonly<Record<string, Described>> {
  const ofProvider = (provider: ProviderName, id: VendOperation, of: Operation, body: string) => {
    const operation = vendOperationId(provider, id);
    const summary = of.summary.replace(/key pairs?/, (words) => `${words} on ${provider.toUpperCase()}`);
    return [operation, { ...of, summary, sent: sentAs(body, true, exampleOf(operation, 'sent')) }] as const;
  };
  return {
    ...operations,
    ...Object.fromEntries(
      providerNames.flatMap((provider) => [
        ofProvider(provider, 'vend', vendOperation, vendBody(provider)),
        ofProvider(provider, 'vendMany', vendManyOperation, vendManyBody(provider)),
        ofProvider(provider, 'adopt', adoptOperation, adoptBody(provider)),
      ]),
    ),
    ...(inbox && { ...inboxOperations, fileRequest: { ...inboxOperations.fileRequest, sent: filed() } }),
  };
}

const filed = () => ({
  required: true,
  content: {
    [JSON_TYPE]: {
      schema: {
        oneOf: [...providerNames.map((provider) => schemaRef(requestBody(provider))), schemaRef('KeyPairRequests')],
      },
      ...exampleOf('fileRequest', 'sent'),
    },
    'application/cloudevents+json': { schema: schemaRef('RequestedEvent') },
  },
});

function answered(id: string, status: string, { description, schema, headers: named = [] }: Answer) {
  const content =
    schema === undefined
      ? { schema: { type: 'object' } }
      : { schema: schemaRef(schema), ...exampleOf(id, status as Recorded) };
  return {
    description,
    ...(named.length > 0 && {
      headers: Object.fromEntries(named.map((name) => [name, { $ref: `#/components/headers/${name}` }])),
    }),
    content: { [JSON_TYPE]: content },
  };
}

/** A failure's status is its code's; a response is shared by all operations that can fail by the same codes. */
class Refusals {
  readonly responses: Record<string, object> = {};
  readonly #names = new Map<string, string>();

  refs(id: string, codes: readonly FailureCode[]): Readonly<Record<string, object>> {
    const byStatus = Map.groupBy([...new Set(codes)].sort(), (code) => failures[code].status);
    return Object.fromEntries(
      [...byStatus].map(([status, some]) => [
        status,
        { $ref: `#/components/responses/${this.#name(id, status, some)}` },
      ]),
    );
  }

  #name(id: string, status: number, codes: readonly FailureCode[]): string {
    const key = codes.join(' ');
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const usual = `Refused${status}`;
    const name = Object.hasOwn(this.responses, usual) ? `${usual}Of${id.charAt(0).toUpperCase()}${id.slice(1)}` : usual;
    this.#names.set(key, name);
    this.responses[name] = refusal(status, codes);
    return name;
  }
}

function refusal(status: number, codes: readonly FailureCode[]) {
  const named = [
    ...(status === 401 || codes.includes('TOKEN_AUDIENCE') ? ['WWW-Authenticate'] : []),
    ...(codes.some((code) => failures[code].retry) ? ['Retry-After'] : []),
  ];
  return {
    description: codes.map((code) => `\`${code}\`: ${failures[code].next}`).join('\n\n'),
    ...(named.length > 0 && {
      headers: Object.fromEntries(named.map((name) => [name, { $ref: `#/components/headers/${name}` }])),
    }),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [
            schemaRef('Problem'),
            { type: 'object', properties: { code: { type: 'string', enum: codes }, status: { const: status } } },
          ],
        },
        ...exampleOf(codes, String(status) as Recorded),
      },
    },
  };
}

function operationOf(id: string, of: Described, refusals: Refusals) {
  const { tag, summary, description, query, force, idempotencyKey: isKeyed, body, sent, answers, codes } = of;
  const isOpen = openOperations.has(id);
  const parameters = [
    ...(query === undefined ? [] : queryParameters(query as z.ZodMiniObject)),
    ...(force ? [{ $ref: '#/components/parameters/force' }] : []),
    ...(isKeyed ? [{ $ref: '#/components/parameters/idempotencyKey' }] : []),
  ];
  const requestBody = sent ?? (body && sentAs(body.schema, body.isOptional !== true, exampleOf(id, 'sent')));
  const failing = [...ofEveryRequest, ...ofQueries, ...(isOpen ? [] : ofTokens), ...codes];
  return {
    operationId: id,
    tags: [tag],
    ...{ summary, description },
    ...(isOpen && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(requestBody && { requestBody }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, answered(id, status, answer)])),
      ...refusals.refs(id, failing),
    },
  };
}

function paths(inbox: boolean, refusals: Refusals): Readonly<Record<string, object>> {
  const all: Record<string, object> = {};
  const known = described(inbox);
  const ofInbox = Object.entries(inboxRoutes).map(([operation, key]) => ({ operation, key }));
  for (const { operation, key } of [...allRoutes(), ...(inbox ? ofInbox : [])]) {
    const [method = '', path = ''] = key.split(' ');
    const named = parametersOf(path).map((name) => ({ $ref: `#/components/parameters/${name}` }));
    const parameters = [...named, ...(path.includes('{id}') ? [inPath('id')] : [])];
    const own = { [method.toLowerCase()]: operationOf(operation, known[operation]!, refusals) };
    all[path] = { ...(parameters.length > 0 && { parameters }), ...all[path], ...own };
  }
  return all;
}

/** Of a path that names a key pair, whether the provider is in it as a parameter or as itself. */
function parametersOf(path: string): readonly string[] {
  if (path.startsWith(keyPairPath)) return ofKeyPair;
  const provider = /^\/v1\/(\w+)\/key-pairs\/\{name\}/.exec(path)?.[1];
  if (!isProvider(provider)) return [];
  return ofKeyPair.filter((name) => name !== 'provider' && !(name === 'region' && isGlobal(provider)));
}

const global = providerNames.filter(isGlobal).join(', ');
const components = {
  securitySchemes: {
    bearer: {
      ...{ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      description:
        'An access token of an issuer that the deployment trusts. What it may do, the access document says: docs/access.md.',
    },
  },
  parameters: {
    provider: { ...inPath('provider'), schema: { type: 'string', enum: providerNames } },
    name: inPath('name'),
    region: {
      ...{ name: 'region', in: 'query', required: true },
      description: `The provider's region id. For ${global}, which has but one, it is \`${GLOBAL}\` and may be left out.`,
      schema: { type: 'string' },
    },
    account: {
      ...{ name: 'account', in: 'query', description: 'An alias of a cloud account.' },
      schema: { type: 'string', default: DEFAULT_ACCOUNT },
    },
    force: {
      ...{ name: 'force', in: 'query', description: 'Also while instances have the key pair.' },
      schema: { type: 'boolean', default: false },
    },
    idempotencyKey,
  },
  headers,
};

export interface Contract {
  /** Whether the routes of an inbox are served as well. */
  readonly inbox?: boolean;
  /** What is in front of the paths: `/prod`. */
  readonly base?: string;
}

export function openApi({ inbox = false, base = '' }: Contract = {}) {
  const refusals = new Refusals();
  const served = paths(inbox, refusals);
  return {
    openapi: '3.1.0',
    info: {
      ...{
        title: 'keyvend',
        version: '1',
        summary: 'Vends SSH key pairs on Alibaba ENS, Alibaba ECS and Tencent CVM.',
      },
      description:
        'The private key goes straight into a secrets manager and is in no answer.\n\nEvery failure of keyvend’s own is a problem document (RFC 9457) with a stable code. A gateway in front of it may refuse by itself, as `{"message": "..."}`: a path that is no route (404), and too many requests (429).\n\nAnswers may get fields, and failures codes, in time; none is renamed or removed.',
      contact: { name: 'The operators of this deployment' },
      license: { name: 'All rights reserved', identifier: 'LicenseRef-All-Rights-Reserved' },
    },
    servers: [{ url: base === '' ? '/' : base, description: 'Where this document was read' }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    security: [{ bearer: [] }],
    paths: served,
    components: {
      ...components,
      responses: Object.fromEntries(Object.entries(refusals.responses).sort(([a], [b]) => (a < b ? -1 : 1))),
      schemas: schemas(inbox),
    },
  };
}
