// The client's types, written out from the contract's document: whoever installs the client needs neither zod nor the contract.
// `npm run docs` writes them; a test holds them against the schemas themselves.

import { AccessQuery } from '../lib/contract/access-view.ts';
import { ListQuery } from '../lib/contract/metadata.ts';
import { openApi } from '../lib/contract/openapi/document.ts';
import { querySchema } from '../lib/contract/openapi/schemas.ts';
import { MessagesQuery } from '../lib/contract/queue-view.ts';
import { providerNames } from '../lib/provider-table.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
}

/** What a schema of the document is called here, where a shorter word does. */
const shorter: Readonly<Record<string, string>> = {
  AccessExplanation: 'AccessAnswer',
  FiledRequest: 'FiledStatus',
  KeyPairPage: 'KeyPairs',
  MessagePage: 'Messages',
};
/** Not of the client: it waives and releases by arguments, and takes lists as they are. */
const leftOut = /^(Health|KeyPairRequests|PolicyChanges|ReleaseConfirmation|RequestedEvent|Waiver|New\w+)$/;

const nameOf = (schema: string): string => shorter[schema] ?? schema;

export function clientTypes(): string {
  const { schemas } = openApi({ inbox: true }).components as unknown as { schemas: Readonly<Record<string, Schema>> };
  const named = Object.entries(schemas)
    .filter(([name]) => !leftOut.test(name))
    .map(([name, schema]) => `export interface ${nameOf(name)} ${typeOf(schema, '')}`);
  const requests = providerNames.map((one) => `${one.charAt(0).toUpperCase()}${one.slice(1)}KeyPairRequest`);
  const queries = [
    ['ListQuery', ListQuery],
    ['MessagesQuery', MessagesQuery],
    ['AccessQuery', AccessQuery],
  ] as const;
  return [
    '// What the API takes and answers. Written by `npm run docs` from the contract: change that, and not this.',
    '',
    `export type Provider = ${providerNames.map((name) => `'${name}'`).join(' | ')};`,
    '',
    ...named.flatMap((one) => [one, '']),
    ...queries.flatMap(([name, query]) => [`export interface ${name} ${typeOf(querySchema(query) as Schema, '')}`, '']),
    `export type VendRequest = ${requests.join(' | ')};`,
    `export type Adoption = ${providerNames.map((one) => `${one.charAt(0).toUpperCase()}${one.slice(1)}KeyPairAdoption`).join(' | ')};`,
    '/** What a key pair is asked for with; `tags`, `projectId` and `resourceGroupId` are some providers’ alone. */',
    `export type VendFields = ${requests.map((one) => `Omit<${one}, 'provider'>`).join(' | ')};`,
    '',
    '/** A policy, and the key pair that it is for. */',
    'export interface PolicyOf {\n  provider: Provider;\n  region?: string | undefined;\n  account?: string | undefined;\n  name: string;\n  policy: PolicyChange;\n}',
    '',
    'export interface PageQuery {\n  limit?: number | undefined;\n  cursor?: string | undefined;\n}',
    'export interface PlaceQuery extends PageQuery {\n  provider?: Provider | undefined;\n  region?: string | undefined;\n}',
    '',
  ].join('\n');
}

function typeOf(schema: Schema, indent: string): string {
  const { $ref, type, anyOf, items, properties, required = [], additionalProperties } = schema;
  if ($ref !== undefined) return nameOf($ref.split('/').at(-1)!);
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(literal).join(' | ');
  if (anyOf !== undefined) return anyOf.map((one) => typeOf(one, indent)).join(' | ');
  if (Array.isArray(type)) return type.map((one) => typeOf({ type: one }, indent)).join(' | ');
  if (type === 'array') return arrayOf(typeOf(items ?? {}, indent));
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'string' || type === 'boolean') return type;
  if (properties === undefined)
    return `Record<string, ${typeof additionalProperties === 'object' ? typeOf(additionalProperties, indent) : 'unknown'}>`;
  const inner = `${indent}  `;
  const fields = Object.entries(properties).flatMap(([name, field]) => [
    ...(field.description === undefined ? [] : [`${inner}/** ${field.description.replaceAll('*/', '* /')} */`]),
    `${inner}${name}${required.includes(name) ? '' : '?'}: ${typeOf(field, inner)}${required.includes(name) ? '' : ' | undefined'};`,
  ]);
  return ['{', ...fields, `${indent}}`].join('\n');
}

const literal = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : String(value));
const arrayOf = (type: string): string => (/^\w+$/.test(type) ? `${type}[]` : `Array<${type}>`);
