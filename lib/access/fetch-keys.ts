// Fetches what an issuer publishes as its keys. Not with the global fetch: the first one costs 70 ms of a cold start.
import { agentFor, clients, type Protocol, type RacedRequest } from '../transport/agent.ts';
import { isLoopback } from '../transport/proxy.ts';
import { readAll } from '../transport/transport.ts';

/**
 * @param timeoutMs for the whole of it, from the look-up of the name to the last byte
 * @throws {Error} whose message says why there are none: a word or a code, never a part of the answer or the address
 */
export type FetchKeys = (timeoutMs: number) => Promise<unknown>;

const MOST_BYTES = 64 * 1024;

/** @throws {TypeError} for an address that anyone on the way could answer in place of the issuer */
export function keysAt(uri: string): FetchKeys {
  const { protocol, hostname } = new URL(uri);
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(hostname)))
    throw new TypeError('the issuer needs https, unless it is on loopback');

  return (timeoutMs) =>
    new Promise((resolve, reject) => {
      const over = new AbortController();
      // A connection of its own: one that was kept for minutes, or frozen with its process, is dead without saying so.
      const agent = agentFor(protocol as Protocol, {});
      const options: RacedRequest = { agent, over: over.signal, headers: { accept: 'application/json' } };
      const request = clients[protocol as Protocol].get(uri, options);
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        settle();
        over.abort('over');
        request.destroy();
      };
      const fail = (reason: string) => finish(() => reject(new Error(reason)));
      const timer = setTimeout(() => fail('timeout'), timeoutMs);
      request.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'connection'));
      request.on('response', (answer) => {
        if (answer.statusCode !== 200) return fail(`status ${answer.statusCode}`); // a redirect is no answer, either
        readAll(answer, MOST_BYTES, fail, (body) => {
          try {
            const document: unknown = JSON.parse(body.toString());
            finish(() => resolve(document));
          } catch {
            fail('not JSON');
          }
        });
      });
    });
}
