// What others generate from: every word, code and pattern of the document.
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { keyPairRequest } from '../../../lib/contract/key-pair-request.ts';
import { openApi } from '../../../lib/contract/openapi/document.ts';
import { portable } from '../../../lib/contract/openapi/patterns.ts';
import { PolicyBody } from '../../../lib/contract/policy-body.ts';
import { openOperations } from '../../../lib/contract/routes.ts';
import { type FailureCode, failures } from '../../../lib/errors.ts';
import { providerNames } from '../../../lib/provider-table.ts';

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** All objects below a value, each with where it is. */
function* objectsIn(value: unknown, at = ''): Generator<readonly [string, Json]> {
  if (Array.isArray(value)) for (const [i, one] of value.entries()) yield* objectsIn(one, `${at}/${i}`);
  if (!isObject(value)) return;
  yield [at, value];
  for (const [key, one] of Object.entries(value)) if (key !== 'examples') yield* objectsIn(one, `${at}/${key}`);
}

describe.each([
  ['without an inbox', openApi()],
  ['with an inbox', openApi({ inbox: true })],
])('the OpenAPI document, %s', (_, document) => {
  const { schemas, responses } = document.components as unknown as Record<
    'schemas' | 'responses',
    Record<string, Json>
  >;
  const operations = Object.entries(document.paths as Record<string, Record<string, Json>>).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) =>
      method === 'parameters' ? [] : [{ ...(operation as Json & Record<string, never>), at: `${method} ${path}` }],
    ),
  ) as (Json & {
    readonly at: string;
    readonly operationId: string;
    readonly responses: Readonly<Record<string, Json>>;
  })[];

  it('says what each field of each schema means', () => {
    const mute = [...objectsIn(schemas)].flatMap(([at, { properties }]) =>
      isObject(properties)
        ? Object.entries(properties).flatMap(([field, schema]) =>
            typeof (schema as Json).description === 'string' ? [] : `${at}/${field}`,
          )
        : [],
    );
    expect(mute).toEqual([]);
  });

  it('has patterns alone that RE2 compiles', () => {
    const patterns = [...objectsIn(document)].flatMap(([, { pattern }]) =>
      typeof pattern === 'string' ? pattern : [],
    );
    expect(patterns.length).toBeGreaterThan(20);
    for (const pattern of patterns) expect(() => RE2JS.compile(pattern), pattern).not.toThrow();
  });

  it('names its operations in one style, and each with a tag, a summary and a description', () => {
    for (const { operationId, tags, summary, description } of operations) {
      expect(operationId).toMatch(/^[a-z]+(?:[A-Z][a-z]+)+$/);
      expect([tags, summary, description]).toEqual([[expect.any(String)], expect.any(String), expect.any(String)]);
    }
  });

  it('shows what each operation was really answered, and what was sent', () => {
    const without = operations.filter(
      ({ operationId, responses, requestBody }) =>
        operationId !== 'readContract' &&
        (![...objectsIn(responses)].some(
          ([, { content }]) => isObject(content) && JSON.stringify(content).includes('"recorded"'),
        ) ||
          (requestBody !== undefined && !JSON.stringify(requestBody).includes('"recorded"'))),
    );
    expect(without.map(({ operationId }) => operationId)).toEqual([]);
  });

  it('lists the codes of each refusal, each under its own status', () => {
    for (const { operationId, responses: all } of operations)
      for (const [status, response] of Object.entries(all)) {
        if (Number(status) < 400) continue;
        const codes = codesOf(responses[String(response.$ref).split('/').at(-1)!]!);
        expect(codes.length, operationId).toBeGreaterThan(0);
        for (const code of codes) expect(String(failures[code].status), `${operationId} ${code}`).toBe(status);
      }
  });

  it('says of each operation that needs a token how that is refused, and of the others nothing of it', () => {
    for (const { operationId, responses } of operations)
      expect('401' in responses, operationId).toBe(!openOperations.has(operationId));
  });

  it('requires the region where a path names a key pair', () => {
    const { region } = document.components.parameters;
    expect(region.required).toBe(true);
    for (const provider of ['Ecs', 'Cvm']) expect(schemas[`New${provider}KeyPair`]!.required).toContain('region');
    expect(schemas.NewEnsKeyPair!.properties).not.toHaveProperty('region');
  });
});

const codesOf = (response: Json): readonly FailureCode[] => {
  const found = [...objectsIn(response)].find(([, { enum: words }]) => Array.isArray(words));
  return found?.[1].enum as readonly FailureCode[];
};

describe('a pattern that everybody can compile', () => {
  /** Every text with a pattern of what may be sent. */
  const texts = [
    ...providerNames.map((provider) =>
      z.toJSONSchema(keyPairRequest(provider), { io: 'input', unrepresentable: 'any' }),
    ),
    z.toJSONSchema(PolicyBody, { io: 'input', unrepresentable: 'any' }),
  ].flatMap((schema) =>
    [...objectsIn(schema)].filter(([, { pattern, format }]) => typeof pattern === 'string' && !format),
  );
  const unique = [...new Map(texts.map(([, schema]) => [String(schema.pattern), schema])).values()];

  const permits = ({ pattern, not, minLength, maxLength }: Json, text: string): boolean => {
    const matches = (rule: unknown) => new RegExp(String(rule), 'u').test(text);
    const length = [...text].length;
    return (
      (pattern === undefined || matches(pattern)) &&
      !(isObject(not) && matches(not.pattern)) &&
      length >= Number(minLength ?? 0) &&
      length <= Number(maxLength ?? Number.POSITIVE_INFINITY)
    );
  };
  const odd = fc.constantFrom(
    'http://',
    'https://',
    'aliyun',
    'acs:',
    'qcs:',
    'project',
    '项目',
    ' ',
    '.',
    '..',
    '$',
    '\\',
    '@',
    '🙂',
    'a:b',
  );
  const text = fc.oneof(
    fc.array(fc.oneof(odd, fc.string({ maxLength: 3 })), { maxLength: 6 }).map((parts) => parts.join('')),
    fc.stringMatching(/^[A-Za-z0-9_:@.$ -]{1,30}$/),
    fc.integer({ min: 100, max: 300 }).map((length) => 'a'.repeat(length)),
  );

  it.each(unique.map((schema) => [String(schema.pattern), schema] as const))(
    'permits what %s does, and nothing else',
    (pattern, schema) => {
      const whole = new RegExp(pattern, 'u');
      const { pattern: __, ...others } = schema;
      const same = portable(schema);
      fc.assert(
        fc.property(text, (one) => {
          expect(permits(same, one)).toBe(whole.test(one) && permits(others, one));
        }),
        { numRuns: 2_000 },
      );
    },
  );

  it('is not had of one that looks around in its middle', () => {
    expect(() => portable({ type: 'string', pattern: '^a(?!b)c$' })).toThrow(TypeError);
  });
});
