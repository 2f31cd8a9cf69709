// Fetches what an issuer publishes as its keys. With node:https, because the first global fetch costs 70 ms of a cold start.
import https from 'node:https';

/**
 * @param timeoutMs for the whole of it, from the look-up of the name to the last byte
 * @throws {Error} whose message says why there are none: a word or a code, never a part of the answer or the address
 */
export type FetchKeys = (timeoutMs: number) => Promise<unknown>;

const MOST_BYTES = 64 * 1024;

/** @throws {TypeError} for an address that anyone on the way could answer in place of the issuer */
export function keysAt(uri: string): FetchKeys {
  const { protocol, hostname } = new URL(uri);
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  if (protocol !== 'https:' && !(protocol === 'http:' && loopback))
    throw new TypeError('the issuer needs https, unless it is on loopback');
  const client = protocol === 'https:' ? https : process.getBuiltinModule('node:http');

  return (timeoutMs) =>
    new Promise((resolve, reject) => {
      // A connection of its own: one that was kept for minutes, or frozen with its process, is dead without saying so.
      const options = { agent: false, rejectUnauthorized: true, headers: { accept: 'application/json' } };
      const request = client.get(uri, options);
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        settle();
        request.destroy();
      };
      const fail = (reason: string) => finish(() => reject(new Error(reason)));
      const timer = setTimeout(() => fail('timeout'), timeoutMs);
      request.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'connection'));
      request.on('response', (answer) => {
        if (answer.statusCode !== 200) return fail(`status ${answer.statusCode}`); // a redirect is no answer, either
        const chunks: Buffer[] = [];
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MOST_BYTES) fail('oversized');
          else chunks.push(chunk);
        });
        answer.on('error', () => fail('truncated'));
        answer.on('end', () => {
          try {
            const document: unknown = JSON.parse(Buffer.concat(chunks).toString());
            finish(() => resolve(document));
          } catch {
            fail('not JSON');
          }
        });
      });
    });
}
