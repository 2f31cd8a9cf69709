// The HTTP API of keyvend, for browsers and for Node. A private key is in none of its answers.
import { KeyvendError } from './failure.ts';
import { type Call, type ClientOptions, sender, waited } from './send.ts';
import type * as T from './types.ts';
import { hasReached, isOver, type RotationGoal } from './wait-for.ts';

export { KeyvendError } from './failure.ts';
export type { ClientOptions } from './send.ts';
export type * from './types.ts';
export type { RotationGoal } from './wait-for.ts';

/** Which key pair is meant. */
export interface KeyPairRef {
  readonly provider: T.Provider;
  /** Not for a provider that has but one. */
  readonly region?: string | undefined;
  /** Default: the account that the deployment calls `default`. */
  readonly account?: string | undefined;
  readonly name: string;
}

export interface Sending {
  /** Default: a new one for each call, the same for each of its tries. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

export interface Vended extends T.VendedKeyPair {
  /** Whether this call made it. */
  readonly created: boolean;
  /** Where the region is close to the cloud's quota. */
  readonly usage?: { readonly used: number; readonly limit: number };
}

export interface WaitFor {
  /** Default `promoted`: the new key counts. */
  readonly until?: RotationGoal;
  readonly signal?: AbortSignal;
  /** Called with the rotation whenever something of it has changed. */
  readonly onChange?: (rotation: T.Rotation) => void;
  /** Default 2,000. */
  readonly everyMs?: number;
}

export type Client = ReturnType<typeof createClient>;

const pathOf = ({ provider, name }: KeyPairRef, below = ''): string =>
  `/v1/${encodeURIComponent(provider)}/key-pairs/${encodeURIComponent(name)}${below}`;
const placeOf = ({ region, account }: KeyPairRef) => ({ region, account });

/** Each function returns what the API answers, or throws a {KeyvendError}. */
export function createClient(options: ClientOptions) {
  const send = sender(options);
  const wait = options.wait ?? waited;
  const body = async <R>(call: Call): Promise<R> => (await send(call)).body as R;
  const get = <R>(path: string, query: Call['query'] = {}) => body<R>({ method: 'GET', path, query });
  const of = <R>(method: string, pair: KeyPairRef, below = '', more: Omit<Call, 'method' | 'path'> = {}) =>
    body<R>({ method, path: pathOf(pair, below), ...more, query: { ...placeOf(pair), ...more.query } });
  const keyed = ({ idempotencyKey = crypto.randomUUID(), signal }: Sending = {}) => ({ idempotencyKey, signal });

  const client = {
    async vend({ provider, ...request }: T.VendRequest, sending?: Sending): Promise<Vended> {
      const path = `/v1/${provider}/key-pairs`;
      const answer = await send({ method: 'POST', path, body: request, ...keyed(sending) });
      const usage = usageIn(answer.headers.get('key-pair-usage'));
      return { ...(answer.body as T.VendedKeyPair), created: answer.status === 201, ...(usage && { usage }) };
    },
    /** Up to 100, each with an outcome of its own, in their order. */
    vendMany: (provider: T.Provider, keyPairs: readonly T.VendFields[]) =>
      body<T.VendOutcomes>({ method: 'POST', path: `/v1/${provider}/batches`, body: { keyPairs } }),

    list: (query: T.ListQuery = {}) => get<T.KeyPairs>('/v1/key-pairs', { ...query }),
    /** Page after page. */
    async *all(query: T.ListQuery = {}): AsyncGenerator<T.KeyPair> {
      let cursor: string | undefined;
      do {
        const page: T.KeyPairs = await client.list({ ...query, ...(cursor !== undefined && { cursor }) });
        yield* page.keyPairs;
        cursor = page.cursor;
      } while (cursor !== undefined);
    },
    read: (pair: KeyPairRef) => of<T.KeyPair>('GET', pair),
    retire: (pair: KeyPairRef, { force }: { readonly force?: boolean } = {}) =>
      of<T.KeyPair>('DELETE', pair, '', { query: { force } }),
    /** Has keyvend look after a pair that was there before. The private key goes into the store, and is in no answer. */
    adopt: (pair: KeyPairRef, adoption: T.Adoption) =>
      of<T.AdoptedKeyPair>('POST', pair, '/adoption', { body: adoption }),
    restore: (pair: KeyPairRef) => of<T.KeyPair>('POST', pair, '/restoration'),
    policy: (pair: KeyPairRef) => of<T.Policy>('GET', pair, '/policy'),
    setPolicy: (pair: KeyPairRef, policy: T.PolicyChange) => of<T.Policy>('PUT', pair, '/policy', { body: policy }),
    /** Up to 100, each with an outcome of its own, in their order. */
    setPolicies: (policies: readonly T.PolicyOf[]) =>
      body<T.PolicyOutcomes>({ method: 'PUT', path: '/v1/policies', body: { policies } }),

    rotate: (pair: KeyPairRef, sending?: Sending) => of<T.Rotation>('POST', pair, '/rotations', keyed(sending)),
    rotation: (pair: KeyPairRef, id: string) => of<T.Rotation>('GET', pair, `/rotations/${encodeURIComponent(id)}`),
    cancelRotation: (pair: KeyPairRef, id: string) =>
      of<T.Rotation>('DELETE', pair, `/rotations/${encodeURIComponent(id)}`),
    /** @param host as the rotation lists it: `user@host:port` */
    waive: (pair: KeyPairRef, id: string, host: string, reason?: string) =>
      of<T.Rotation>('POST', pair, `/rotations/${encodeURIComponent(id)}/waivers`, {
        body: { host, ...(reason !== undefined && { reason }) },
      }),
    /** Without a confirmation, it says what would be done. */
    release: (pair: KeyPairRef, id: string, confirmation?: string) =>
      of<T.Release>('POST', pair, `/lingering/${encodeURIComponent(id)}/release`, {
        ...(confirmation !== undefined && { body: { confirmation } }),
      }),
    /** @throws {KeyvendError} ROTATION_CANCELLED, ROTATION_STALLED (it has failed for an hour); whatever reading it fails with */
    async waitFor(pair: KeyPairRef, id: string, waiting: WaitFor = {}): Promise<T.Rotation> {
      const { until = 'promoted', signal, onChange, everyMs = 2_000 } = waiting;
      for (let told = ''; ; ) {
        const rotation = await of<T.Rotation>('GET', pair, `/rotations/${encodeURIComponent(id)}`, { signal });
        const now = JSON.stringify(rotation);
        if (now !== told) onChange?.(rotation);
        told = now;
        if (hasReached(rotation, until)) return rotation;
        const over = isOver(rotation);
        if (over !== undefined) throw new KeyvendError(0, over.code, over.detail);
        await wait(everyMs, signal);
      }
    },

    history: (pair: KeyPairRef, query: T.PageQuery = {}) =>
      of<T.History>('GET', pair, '/history', { query: { ...query } }),
    audit: (query: T.PlaceQuery = {}) => get<T.Audit>('/v1/audit', { ...query }),
    me: () => get<T.Me>('/v1/me'),
    access: (question: T.AccessQuery) => get<T.AccessAnswer>('/v1/access', { ...question }),
    quota: (query: T.PlaceQuery = {}) => get<T.Quota>('/v1/quota', { ...query }),

    /** Where the deployment has an inbox. */
    fileRequest: (request: T.VendRequest, sending?: Sending) =>
      body<T.Filed>({ method: 'POST', path: '/v1/requests', body: request, ...keyed(sending) }),
    /** Up to 100, each with an outcome of its own, in their order. */
    fileRequests: (requests: readonly T.VendRequest[]) =>
      body<T.FiledOutcomes>({ method: 'POST', path: '/v1/requests', body: { requests } }),
    filedRequest: (id: string) => get<T.FiledStatus>(`/v1/requests/${encodeURIComponent(id)}`),
    messages: (query: T.MessagesQuery = {}) => get<T.Messages>('/v1/messages', { ...query }),
    message: (queue: string, id: string) => get<T.MessageWithBody>(messagePath(id), { queue }),
    putBack: (queue: string, id: string) =>
      body<T.Message>({ method: 'POST', path: messagePath(id), query: { queue } }),
  };
  return client;
}

const messagePath = (id: string): string => `/v1/messages/${encodeURIComponent(id)}`;

function usageIn(header: string | null): Vended['usage'] | undefined {
  const [, used, limit] = /^used=(\d+), limit=(\d+)$/.exec(header ?? '') ?? [];
  return used === undefined ? undefined : { used: Number(used), limit: Number(limit) };
}
