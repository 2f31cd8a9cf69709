// The issuer's public keys (RFC 7517). Fetched with node:https, because the first global fetch costs 70 ms of a cold start.
import https from 'node:https';
import type { JSONWebKeySet } from 'jose';
import { VendingError } from '../errors.ts';

const LONGEST = 256 * 1024;
const PATIENCE_MS = 3_000;

/** @throws {VendingError} ISSUER_UNREACHABLE when the keys cannot be fetched */
export function keysAt(uri: string): () => Promise<JSONWebKeySet> {
  const { protocol, hostname } = new URL(uri);
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  if (protocol !== 'https:' && !loopback) throw new TypeError('the issuer needs https, unless it is on loopback');
  const client = protocol === 'https:' ? https : process.getBuiltinModule('node:http');

  return () =>
    new Promise((resolve, reject) => {
      const fail = () =>
        reject(new VendingError('ISSUER_UNREACHABLE', 'The keys of the token issuer cannot be fetched'));
      const request = client.get(uri, { timeout: PATIENCE_MS, headers: { accept: 'application/json' } }, (answer) => {
        const chunks: Buffer[] = [];
        let length = 0;
        answer.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > LONGEST) request.destroy();
          else chunks.push(chunk);
        });
        answer.on('error', fail);
        answer.on('end', () => {
          try {
            const set = JSON.parse(Buffer.concat(chunks).toString()) as JSONWebKeySet;
            if (answer.statusCode !== 200 || !Array.isArray(set.keys)) fail();
            else resolve(set);
          } catch {
            fail();
          }
        });
      });
      request.on('timeout', () => request.destroy());
      request.on('error', fail);
    });
}
