// The deployed functions, as serverless.yml lists them, and what each of them is asked.
import { type ServiceName, serviceNames } from '../../local/clouds/state/registry.ts';
import { exampleBody } from '../../local/example-request.ts';
import { described } from '../../local/stack/routes.ts';

/** The providers that the stand-in answers for. */
export type Provider = ServiceName;

export interface Asking {
  /** Must be new for every sample, so that each makes a key pair; at most 25 letters, digits and `_`. */
  readonly name: string;
  readonly token: string;
}

export interface Handler {
  /** `ens.http`: a file of `functions/` and its export. */
  readonly name: string;
  readonly module: string;
  readonly exported: string;
  readonly provider?: Provider;
  readonly event: (asking: Asking) => object;
  /** What its answer must contain. */
  readonly expected: object;
}

/** The pair that the catalog is asked for; it is vended first. */
export const ON_RECORD = 'on_record';

/** API Gateway's payload 2.0, as far as a handler looks. */
const request = (token: string, method: string, rawPath: string, rest: object) => ({
  version: '2.0',
  rawPath,
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  requestContext: { http: { method, path: rawPath } },
  ...rest,
});

const message = (queue: string, id: string, body: object) => ({
  Records: [
    {
      messageId: id,
      receiptHandle: id,
      body: JSON.stringify(body),
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws:sqs:us-east-1:123456789012:keyvend-${queue}`,
    },
  ],
});

const vending = (provider: Provider) => ({
  [`${provider}.http`]: {
    provider,
    expected: { statusCode: 201 },
    event: ({ name, token }: Asking) =>
      request(token, 'POST', `/v1/${provider}/key-pairs`, { body: JSON.stringify(exampleBody(provider, name)) }),
  },
  [`${provider}.queue`]: {
    provider,
    expected: { batchItemFailures: [] },
    event: ({ name }: Asking) => message(provider, name, { provider, ...exampleBody(provider, name) }),
  },
});

const get = (token: string, path: string) => request(token, 'GET', path, { rawQueryString: 'region=cn-hangzhou' });

/** A function that is deployed and has no row here is not measured, and the bench says so. Those on a schedule find nothing to do. */
const rows: Readonly<Record<string, Pick<Handler, 'provider' | 'event' | 'expected'>>> = {
  ...Object.assign({}, ...serviceNames.map(vending)),
  'catalog.http': {
    expected: { statusCode: 200 },
    event: ({ token }) => get(token, `/v1/ecs/key-pairs/${ON_RECORD}`),
  },
  'catalog.http audit': { expected: { statusCode: 200 }, event: ({ token }) => request(token, 'GET', '/v1/audit', {}) },
  'lifecycle.http': {
    expected: { statusCode: 200 },
    event: ({ token }) => get(token, `/v1/ecs/key-pairs/${ON_RECORD}/policy`),
  },
  'fleet.http': {
    expected: { statusCode: 404 },
    event: ({ name, token }) =>
      request(token, 'DELETE', `/v1/ecs/key-pairs/${name}`, { rawQueryString: 'region=cn-hangzhou' }),
  },
  'rotation.worker': {
    expected: { batchItemFailures: [] },
    event: ({ name }) => message('rotation', name, { provider: 'ecs', region: 'cn-hangzhou', name: ON_RECORD }),
  },
  'rotation.due': { expected: {}, event: () => ({}) },
  'recovery.settle': { expected: { settled: 0, failed: 0 }, event: () => ({}) },
  'recovery.count': { expected: [], event: () => ({}) },
  'recovery.reconcile': { expected: {}, event: () => ({}) },
};

const { routes, polls, schedules } = described(new URL('../../serverless.yml', import.meta.url));
const deployed = new Set([...routes, ...polls, ...schedules].map(({ handler }) => handler.replace(/^functions\//, '')));

export const unmeasured = [...deployed].filter((name) => !(name in rows));

/** @param only names or modules: `ecs.http`, `ecs`; all where it is absent. @throws {TypeError} for a word that is neither */
export function handlers(only?: readonly string[]): Handler[] {
  const all = Object.entries(rows).flatMap(([name, row]): Handler[] => {
    const [handler = ''] = name.split(' '); // what follows says what it is asked for
    const [module = '', exported = ''] = handler.split('.');
    return deployed.has(handler) ? [{ name, module, exported, ...row }] : [];
  });
  const known = new Set(all.flatMap(({ name, module }) => [name, module]));
  const unknown = only?.filter((word) => !known.has(word)) ?? [];
  if (unknown.length > 0) throw new TypeError(`no handler is called ${unknown.join(', ')}; there are ${[...known]}`);
  return only === undefined ? all : all.filter(({ name, module }) => only.includes(name) || only.includes(module));
}
