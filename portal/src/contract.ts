// What this server offers, by the document that it publishes: routes that it lacks are not shown, and a form has the fields and rules
// that the server checks by.
import type { Provider } from './types.ts';

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly pattern?: string;
  readonly not?: { readonly pattern?: string };
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly enum?: readonly (string | number)[];
  readonly const?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly propertyNames?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
}
type Operation = { readonly requestBody?: unknown };
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

export interface Contract {
  /** @param route as in `GET /v1/me` */
  has(route: string): boolean;
  readonly providers: readonly Provider[];
  /** The body of a vend at a provider. */
  vendSchema(provider: string): Schema;
}

export async function readContract(api: string): Promise<Contract> {
  const answer = await fetch(`${api}/openapi.json`, { credentials: 'omit' });
  const document = (await answer.json()) as Document;
  const { paths } = document;
  const resolved = <T>(value: T): T => {
    const ref = (value as { $ref?: string } | undefined)?.$ref;
    if (ref === undefined) return value;
    return resolved(
      ref
        .slice(2)
        .split('/')
        .reduce<unknown>((at, word) => (at as Record<string, unknown>)[word], document) as T,
    );
  };
  const wide = (schema: Schema | undefined): Schema | undefined => schema && deep(schema);
  const deep = (schema: Schema): Schema => {
    const { properties, ...rest } = resolved(schema);
    const entries = Object.entries(properties ?? {}).map(([name, one]) => [name, wide(one)!] as const);
    return { ...rest, ...(properties && { properties: Object.fromEntries(entries) }) };
  };
  return {
    has(route) {
      const [method = '', path = ''] = route.split(' ');
      return paths[path]?.[method.toLowerCase()] !== undefined;
    },
    providers: Object.keys(paths).flatMap((path) => (/^\/v1\/(\w+)\/key-pairs$/.exec(path)?.[1] ?? []) as Provider[]),
    vendSchema(provider) {
      const body = resolved(paths[`/v1/${provider}/key-pairs`]?.post?.requestBody) as
        | { content?: Record<string, { schema?: Schema }> }
        | undefined;
      return wide(body?.content?.['application/json']?.schema) ?? {};
    },
  };
}

/** What a value breaks of a rule, or undefined. A pattern holds for the whole of what is typed, as it does in the document. */
export function broken(
  { pattern, not, minLength, maxLength, minimum, maximum, type }: Schema,
  text: string,
): 'pattern' | 'range' | undefined {
  if (type === 'integer' || type === 'number') {
    const value = Number(text);
    const isNumber = text.trim() !== '' && (type === 'number' ? Number.isFinite(value) : Number.isSafeInteger(value));
    return isNumber && value >= (minimum ?? -Infinity) && value <= (maximum ?? Infinity) ? undefined : 'range';
  }
  if (pattern !== undefined && !compiled(pattern).test(text)) return 'pattern';
  if (not?.pattern !== undefined && compiled(not.pattern).test(text)) return 'pattern';
  if (text.length < (minLength ?? 0) || text.length > (maxLength ?? Infinity)) return 'range';
  return undefined;
}

/** The `pattern` of an input would compile it with the flag v, in which some of these mean something else. */
const compiled = (pattern: string): RegExp => new RegExp(pattern, 'u');
