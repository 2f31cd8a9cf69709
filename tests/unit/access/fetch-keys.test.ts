// Fetching an issuer's keys from servers on loopback that do not behave.
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createSocketServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { keysAt } from '../../../lib/access/fetch-keys.ts';
import { makeCertificate } from '../../../local/clouds/http/certificate.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const LONG_MS = 20_000;
/** Enough for a loopback that is slow, and short enough to wait for. */
const SHORT_MS = 300;

async function serving(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
}
const answering = (status: number, body: string, headers: Record<string, string> = {}) =>
  serving((_, response) => void response.writeHead(status, headers).end(body));

describe("an issuer's keys", () => {
  it('are fetched as JSON, whatever it is called', async () => {
    let asked: string | undefined;
    const uri = await serving((request, response) => {
      asked = `${request.method} ${request.url} ${request.headers.accept} ${request.headers.connection}`;
      response.writeHead(200, { 'content-type': 'text/plain' }).end('{"keys":[]}');
    });
    expect(await keysAt(uri)(LONG_MS)).toEqual({ keys: [] });
    expect(asked).toBe('GET /jwks application/json close');
  });

  it('are refused from a server that cannot prove who it is, whatever the environment says', async () => {
    const { cert, key } = await makeCertificate();
    const secure = createSecureServer({ cert, key }, (_, response) => response.end('{"keys":[]}')).listen(
      0,
      '127.0.0.1',
    );
    await once(secure, 'listening');
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const uri = `https://127.0.0.1:${(secure.address() as AddressInfo).port}/jwks`;
    await expect(keysAt(uri)(LONG_MS)).rejects.toThrow();
    vi.unstubAllEnvs();
    secure.close();
  });

  it.each<[string, () => Promise<string>, string]>([
    ['is missing', () => answering(404, '{"keys":[]}'), 'status 404'],
    ['is an error', () => answering(500, '{"keys":[]}'), 'status 500'],
    ['is elsewhere', () => answering(302, '{"keys":[]}', { location: '/other' }), 'status 302'],
    ['is a page', () => answering(200, '<html>secret</html>'), 'not JSON'],
    ['is empty', () => answering(200, ''), 'not JSON'],
    ['is larger than 64 KB', () => answering(200, `{"keys":[],"pad":"${'x'.repeat(64 * 1024)}"}`), 'oversized'],
    ['ends too early', () => answering(200, '{"keys":[]}', { 'content-length': '100' }), 'truncated'],
    ['is cut off', () => serving((request) => request.socket.destroy()), 'ECONNRESET'],
  ])('are none when the answer %s, and the reason quotes none of it', async (_, where, reason) => {
    await expect(keysAt(await where())(LONG_MS)).rejects.toThrow(new Error(reason));
  });

  it('are none when nobody is there', async () => {
    const uri = await answering(200, '{}');
    server!.close();
    await expect(keysAt(uri)(LONG_MS)).rejects.toThrow('ECONNREFUSED');
  });

  it.each<[string, RequestListener]>([
    ['says nothing', () => {}],
    [
      'sends a byte now and then, for ever',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const drip = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(drip));
      },
    ],
  ])('are given up in time when the server %s, and its connection is closed', async (_, listener) => {
    const uri = await serving(listener);
    const closed = once(server!, 'connection').then(
      // A reset counts as closed: the server may be writing just then.
      ([socket]) => new Promise((resolve) => (socket as Socket).on('error', () => {}).once('close', resolve)),
    );
    await expect(keysAt(uri)(SHORT_MS)).rejects.toThrow('timeout');
    await closed;
  });

  it('are given up in time when the headers never end', async () => {
    const raw = createSocketServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => socket.write('x: y\r\n'), 20);
      socket.on('error', () => {}).on('close', () => clearInterval(drip));
    }).listen(0, '127.0.0.1');
    await once(raw, 'listening');
    const fetch = keysAt(`http://127.0.0.1:${(raw.address() as AddressInfo).port}/`);
    await expect(fetch(SHORT_MS)).rejects.toThrow('timeout');
    raw.close();
    await once(raw, 'close');
  });

  it.each([
    'http://issuer.example/jwks',
    'http://127.0.0.1.example/jwks',
    'http://10.0.0.1/jwks',
    'file:///etc/keys',
    'ftp://127.0.0.1/keys',
  ])('cannot be at %s, where others could answer', (uri) => {
    expect(() => keysAt(uri)).toThrow(TypeError);
  });

  it.each(['https://issuer.example/jwks', 'http://localhost:1/jwks', 'http://[::1]:1/jwks'])('can be at %s', (uri) => {
    expect(() => keysAt(uri)).not.toThrow();
  });
});
