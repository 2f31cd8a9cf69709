// Stands in for @keyvend/client.
import type {
  Access,
  Entry,
  KeyPair,
  KeyPairRef,
  Me,
  Message,
  Outcome,
  Place,
  Policy,
  Problem,
  Rotation,
} from './types.ts';

export class KeyvendError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}
type Words = Readonly<Record<string, string | number | boolean | undefined>>;
const query = (words: Words) => {
  const said = Object.entries(words).filter(([, value]) => value !== undefined && value !== '');
  return said.length === 0 ? '' : `?${new URLSearchParams(said.map(([name, value]) => [name, String(value)]))}`;
};

export function createClient({ url, token }: { url: string; token: () => string }) {
  async function call<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<T> {
    let answer: Response;
    try {
      answer = await fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${token()}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        credentials: 'omit',
      });
    } catch {
      throw new KeyvendError({ code: 'UNREACHABLE', detail: 'The service cannot be reached.' });
    }
    const said = (await answer.json().catch(() => ({}))) as T & Partial<Problem>;
    if (answer.ok) return said;
    throw new KeyvendError({ detail: answer.statusText, code: 'UNKNOWN', ...said, status: answer.status });
  }
  const at = ({ provider, name, region, account }: KeyPairRef, below = '', more: Words = {}) =>
    `/v1/${provider}/key-pairs/${encodeURIComponent(name)}${below}${query({ region, account, ...more })}`;
  const key = () => ({ 'idempotency-key': crypto.randomUUID() });
  return {
    vend: ({ provider, ...body }: KeyPairRef & Record<string, unknown>) =>
      call<{ keyPairId: string; fingerprint: string; usage?: { used: number; limit: number } }>(
        'POST',
        `/v1/${provider}/key-pairs`,
        body,
        key(),
      ),
    list: (words: Words = {}) => call<{ keyPairs: KeyPair[]; cursor?: string }>('GET', `/v1/key-pairs${query(words)}`),
    read: (ref: KeyPairRef) => call<KeyPair>('GET', at(ref)),
    retire: (ref: KeyPairRef, { force }: { force?: boolean } = {}) => call<KeyPair>('DELETE', at(ref, '', { force })),
    restore: (ref: KeyPairRef) => call<KeyPair>('POST', at(ref, '/restoration')),
    policy: (ref: KeyPairRef) => call<Policy>('GET', at(ref, '/policy')),
    setPolicy: (ref: KeyPairRef, body: object) => call<Policy>('PUT', at(ref, '/policy'), body),
    history: (ref: KeyPairRef, words: Words = {}) =>
      call<{ entries: Entry[]; cursor?: string }>('GET', at(ref, '/history', words)),
    rotate: (ref: KeyPairRef) => call<Rotation>('POST', at(ref, '/rotations'), undefined, key()),
    rotation: (ref: KeyPairRef, id: string) => call<Rotation>('GET', at(ref, `/rotations/${id}`)),
    cancelRotation: (ref: KeyPairRef, id: string) => call<Rotation>('DELETE', at(ref, `/rotations/${id}`)),
    waive: (ref: KeyPairRef, id: string, host: string, { reason }: { reason?: string } = {}) =>
      call<Rotation>('POST', at(ref, `/rotations/${id}/waivers`), { host, ...(reason && { reason }) }),
    release: (ref: KeyPairRef, id: string, confirmation?: string) =>
      call<{ instances: string[]; effect: string; confirmation?: string }>(
        'POST',
        at(ref, `/lingering/${id}/release`),
        { confirmation },
      ),
    me: () => call<Me>('GET', '/v1/me'),
    access: (words: Words) => call<Access>('GET', `/v1/access${query(words)}`),
    quota: (words: Words = {}) => call<{ places: Place[] }>('GET', `/v1/quota${query(words)}`),
    messages: (words: Words = {}) =>
      call<{ messages: Message[]; cursor?: string }>('GET', `/v1/queue/messages${query(words)}`),
    message: (queue: string, id: string) => call<Message>('GET', `/v1/queue/${queue}/messages/${id}`),
    putBack: (queue: string, id: string) => call<Message>('POST', `/v1/queue/${queue}/messages/${id}/return`),
    vendMany: (provider: string, keyPairs: object[]) =>
      call<{ outcomes: Outcome[] }>('POST', `/v1/${provider}/batches`, { keyPairs }),
    setPolicies: (policies: object[]) => call<{ outcomes: Outcome[] }>('PUT', '/v1/policies', { policies }),
  };
}
