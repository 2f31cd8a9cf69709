// Requests that nobody would write: from the OpenAPI document, bent in every part, and beyond it. What comes of each is held against
// the contract and against an oracle of the example's access document that shares no code with ours.
import fc from 'fast-check';
import { openApi } from '../../lib/contract/openapi/document.ts';
import { operationOf } from '../../lib/contract/routes.ts';
import { failures } from '../../lib/errors.ts';

export type Holder = 'operator' | 'team-a' | 'auditor' | 'nobody';

export interface Fuzzed {
  readonly holder: Holder;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

const CANARY = 'c4n4ry';
const providers = ['ens', 'ecs', 'cvm'];
const regions = ['cn-hangzhou', 'ap-tokyo', 'global', 'us-east-1'];
const names = ['team-a-1', 'team-a-x', 'team_a_1', 'team-ab', 'web:prod', 'web_1', 'x', 'team-a', 'Team-a-1'];

/** Odd texts, each with the canary in it where it is long enough to be recognised in an answer. */
const oddText = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    '..',
    '%00',
    '%',
    '%zz',
    '/',
    '//',
    '__proto__',
    'constructor',
    'toString',
    '\u202e',
    'null',
    '-',
    '*',
  ),
  fc.string({ maxLength: 20 }).map((text) => `${CANARY}${text}`),
  fc.integer({ min: 10, max: 200 }).map((length) => CANARY.repeat(length)),
);
const rarely = <T>(odd: fc.Arbitrary<T>, usual: fc.Arbitrary<T>, weight = 6) =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: odd });

const provider = rarely(oddText, fc.constantFrom(...providers), 12);
const name = rarely(oddText, fc.constantFrom(...names), 8);
const region = rarely(oddText, fc.constantFrom(...regions), 8);
const account = rarely(oddText, fc.constantFrom('default', 'other'), 8);
const id = rarely(oddText, fc.constant('00000000-0000-4000-8000-000000000000'), 4);

const oddJson = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  oddText,
  fc.constantFrom(Number.POSITIVE_INFINITY, -1, 2 ** 53, true, null, []),
);
const vendFields = fc.record(
  {
    name: rarely(oddJson as fc.Arbitrary<unknown>, name as fc.Arbitrary<unknown>),
    region: rarely(oddJson as fc.Arbitrary<unknown>, region as fc.Arbitrary<unknown>),
    account: rarely(oddJson as fc.Arbitrary<unknown>, account as fc.Arbitrary<unknown>),
    projectId: rarely(oddJson as fc.Arbitrary<unknown>, fc.constant(0) as fc.Arbitrary<unknown>),
    tags: rarely(
      oddJson as fc.Arbitrary<unknown>,
      fc.dictionary(fc.string({ maxLength: 12 }), oddText, { maxKeys: 4 }) as fc.Arbitrary<unknown>,
    ),
    resourceGroupId: oddJson as fc.Arbitrary<unknown>,
    colour: oddJson as fc.Arbitrary<unknown>,
  },
  { requiredKeys: ['name'] },
);
const host = fc.record({
  host: rarely(
    oddJson as fc.Arbitrary<unknown>,
    fc.constantFrom<unknown>('10.0.0.1', '169.254.169.254', '0x7f000001', 'localhost', '::ffff:127.0.0.1'),
  ),
  user: rarely(oddJson as fc.Arbitrary<unknown>, fc.constant<unknown>('root')),
  port: oddJson as fc.Arbitrary<unknown>,
});
const policyFields = fc.record(
  {
    maxAgeDays: rarely(oddJson as fc.Arbitrary<unknown>, fc.double({ min: 0, max: 4_000 }) as fc.Arbitrary<unknown>),
    overlapDays: rarely(oddJson as fc.Arbitrary<unknown>, fc.double({ min: 0, max: 400 }) as fc.Arbitrary<unknown>),
    coverage: oddJson as fc.Arbitrary<unknown>,
    hosts: rarely(oddJson as fc.Arbitrary<unknown>, fc.array(host, { maxLength: 3 }) as fc.Arbitrary<unknown>),
    managementKey: rarely(oddJson as fc.Arbitrary<unknown>, name as fc.Arbitrary<unknown>),
    colour: oddJson as fc.Arbitrary<unknown>,
  },
  { requiredKeys: [] },
);

const json = (value: unknown) => JSON.stringify(value) ?? '';
const batch = fc
  .array(fc.oneof(vendFields, policyFields, oddJson as fc.Arbitrary<object>), { maxLength: 4 })
  .map((items) => ({ keyPairs: items }));
const policies = fc
  .array(
    fc.record(
      { provider, name, region, account, policy: policyFields as fc.Arbitrary<unknown> },
      { requiredKeys: ['provider', 'name'] },
    ),
    { maxLength: 4 },
  )
  .map((items) => ({ policies: items }));
const body = fc.oneof(
  { weight: 2, arbitrary: batch.map(json) },
  { weight: 2, arbitrary: policies.map(json) },
  { weight: 4, arbitrary: vendFields.map(json) },
  { weight: 4, arbitrary: policyFields.map(json) },
  { weight: 1, arbitrary: (oddJson as fc.Arbitrary<unknown>).map(json) },
  { weight: 1, arbitrary: oddText },
  { weight: 1, arbitrary: vendFields.map((fields) => json(fields).replace('{', '{"name":"web:prod",')) },
  { weight: 1, arbitrary: vendFields.map((fields) => json(fields).slice(0, -1)) },
);

const routes = Object.entries(openApi().paths).flatMap(([path, methods]) =>
  Object.keys(methods)
    .filter((method) => method !== 'parameters')
    .map((method) => ({ path, method: method.toUpperCase() })),
);

const encoded = (text: string) => encodeURIComponent(text.isWellFormed() ? text : 'lone');
const query = fc
  .array(
    fc.tuple(
      fc.constantFrom('region', 'account', 'limit', 'cursor', 'state', 'provider', 'colour', '__proto__', ''),
      fc.oneof(region, account, oddText, fc.constantFrom('1', '100', '0', '-1')),
    ),
    { maxLength: 3 },
  )
  .map((pairs) => pairs.map(([one, value]) => `${encoded(one)}=${encoded(value)}`).join('&'));

export const request: fc.Arbitrary<Fuzzed> = fc
  .record({
    route: rarely(
      fc.record({
        path: oddText.map((text) => `/${encoded(text)}`),
        method: fc.constantFrom('GET', 'POST', 'PATCH', 'HEAD'),
      }),
      fc.constantFrom(...routes),
      20,
    ),
    holder: fc.constantFrom<Holder>('operator', 'team-a', 'team-a', 'auditor', 'nobody'),
    provider,
    name,
    id,
    usual: fc.boolean(),
    proper: fc.boolean(),
    plain: fc.constantFrom(...names),
    region,
    query,
    body: fc.option(body, { nil: undefined, freq: 5 }),
    type: rarely(oddText, fc.constant('application/json'), 10),
    key: fc.option(oddText, { nil: undefined, freq: 3 }),
  })
  .map(
    ({
      route,
      holder,
      provider: odd,
      name: oddName,
      id,
      usual,
      proper,
      plain,
      region,
      query,
      body: bent,
      type,
      key,
    }) => {
      const ofVend = /^\/v1\/(\w+)\/(?:key-pairs|batches)$/.exec(route.path)?.[1];
      const provider = proper ? (ofVend ?? (providers.includes(odd) ? odd : 'ecs')) : odd;
      const name = proper ? plain : oddName;
      const body = proper ? properBody(route, ofVend, plain) : bent;
      const filled = route.path
        .replace('{provider}', encoded(provider))
        .replace('{name}', encoded(name))
        .replace('{id}', encoded(id));
      const asked =
        usual || (proper && ofVend !== undefined)
          ? ofVend !== undefined || provider === 'ens'
            ? ''
            : `region=${encoded(proper ? (provider === 'cvm' ? 'ap-tokyo' : 'cn-hangzhou') : region)}`
          : query;
      const printable = (text: string) => text.replace(/[^\x20-\x7e]/g, '').trim();
      const bodiless = route.method === 'GET' || route.method === 'HEAD';
      return {
        holder,
        method: route.method,
        path: `${filled}${asked === '' ? '' : `?${asked}`}`,
        headers: {
          'content-type': printable(type) || 'application/json',
          ...(key === undefined || printable(key) === '' ? {} : { 'idempotency-key': printable(key) }),
        },
        ...(bodiless || body === undefined ? {} : { body }),
      };
    },
  );

/** What the contract has there. */
function properBody(
  { path, method }: { path: string; method: string },
  provider: string | undefined,
  name: string,
): string | undefined {
  if (path.endsWith('/batches')) {
    const [one = '', other = ''] = [name, `${name}x`].map((called) =>
      properBody({ path: '', method }, provider, called),
    );
    return `{"keyPairs":[${one},${other}]}`;
  }
  if (path === '/v1/policies')
    return json({ policies: [name, 'web:prod'].map((called) => ({ provider: 'ens', name: called, policy: {} })) });
  if (provider === 'ens') return json({ name });
  if (provider === 'ecs') return json({ name, region: 'cn-hangzhou', tags: { team: 'a' } });
  if (provider === 'cvm') return json({ name, region: 'ap-tokyo', projectId: 0 });
  if (method === 'PUT') return json({ maxAgeDays: 30 });
  return path.endsWith('/waivers') ? json({ host: 'root@10.0.0.1:22' }) : undefined;
}

/** The example's document, in other words than ours. */
function granted(holder: Holder, { method, path, body = '' }: Fuzzed): boolean {
  if (holder === 'operator') return true;
  const [, v1, provider = '', kind, rawName, below = ''] = new URL(path, 'http://x').pathname.split('/');
  if (v1 !== 'v1' || kind !== 'key-pairs')
    return path.startsWith('/openapi.json') || path.startsWith('/health') || holder !== 'nobody';
  if (holder === 'nobody') return false;
  if (holder === 'auditor') return method === 'GET';
  if (below === 'history') return false;
  const called = rawName === undefined ? nameIn(body) : decoded(rawName);
  const mine = provider === 'cvm' ? /^team_a_/ : /^team-a-/;
  return ['ens', 'ecs', 'cvm'].includes(provider) && mine.test(called);
}

function nameIn(body: string): string {
  try {
    return String((JSON.parse(body) as { name?: unknown }).name);
  } catch {
    return '';
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** What is wrong with an answer, one word each; nothing where nothing is. */
export function faultsOf(asked: Fuzzed, { status, body }: Answer, tookMs: number): string[] {
  const faults: string[] = [];
  const parsed = objectIn(body);
  const code = parsed?.code;
  // Our own 503s say that something is not there for now; they have a code that says to come again.
  if (
    status === 500 ||
    (status > 500 && !(typeof code === 'string' && failures[code as keyof typeof failures]?.status === status))
  )
    faults.push(`answered ${status}`);
  if (tookMs > 29_000) faults.push('hung');
  if (body.includes(CANARY)) faults.push('echoed its input');
  if (body.includes('PRIVATE KEY')) faults.push('showed a key');
  if (status >= 400 && parsed === undefined && asked.method !== 'HEAD') faults.push('answered no JSON');
  if (status < 300 && !granted(asked.holder, asked)) faults.push('let somebody in');
  if (status === 207) faults.push(...faultsOfMany(asked, parsed?.outcomes));
  if (status >= 400 && typeof code === 'string' && !isListed(asked, status, code))
    faults.push(`${code} is not in the contract`);
  return faults;
}

/** Each item as if it had been sent by itself. */
function faultsOfMany(asked: Fuzzed, outcomes: unknown): string[] {
  const { keyPairs, policies } = objectIn(asked.body ?? '') ?? {};
  const items = (keyPairs ?? policies) as readonly Record<string, unknown>[];
  const [, provider = ''] = /^\/v1\/(\w+)\/batches/.exec(asked.path) ?? [];
  if (!Array.isArray(outcomes) || outcomes.length !== items.length) return ['answered for another number of items'];
  return (outcomes as readonly { readonly status: number }[]).flatMap(({ status }, i) => {
    const item = items[i]!;
    const alone = {
      method: keyPairs === undefined ? 'PUT' : 'POST',
      path:
        keyPairs === undefined
          ? `/v1/${item.provider}/key-pairs/${encodeURIComponent(String(item.name))}/policy`
          : `/v1/${provider}/key-pairs`,
      body: json(item),
    };
    return status >= 500 && status !== 503
      ? [`answered ${status} for one of many`]
      : status < 300 && !granted(asked.holder, { ...asked, ...alone })
        ? ['let somebody in with others']
        : [];
  });
}

/** The codes of each operation, by status, as the contract lists them. */
const listed = (() => {
  const { paths, components } = openApi() as unknown as {
    paths: Record<string, Record<string, { operationId?: string; responses?: Record<string, { $ref?: string }> }>>;
    components: { responses: Record<string, object> };
  };
  const codes = new Map<string, string>();
  for (const operation of Object.values(paths).flatMap((methods) => Object.values(methods)))
    for (const [status, { $ref }] of Object.entries(operation.responses ?? {}))
      if ($ref !== undefined)
        codes.set(`${operation.operationId} ${status}`, JSON.stringify(components.responses[$ref.split('/').at(-1)!]));
  return codes;
})();

function isListed({ method, path }: Fuzzed, status: number, code: string): boolean {
  const operation = operationOf({ method, path: new URL(path, 'http://x').pathname });
  return operation === 'none' || listed.get(`${operation} ${status}`)?.includes(`"${code}"`) === true;
}

function objectIn(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
