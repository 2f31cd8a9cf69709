// Which calls the local queues take: those signed with their key as AWS's official signer does it, for the very request, just now.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, it } from 'vitest';
import { credentialsFile, isSigned, queueKeyIn } from '../../local/stack/queue-signature.ts';
import { Sha256 } from './sha256.ts';

const key = { accessKeyId: 'keyvend', secretAccessKey: 'p4ss/w0rd+' };
const nowMs = Date.UTC(2026, 2, 1, 12);
const body = Buffer.from('{"MessageBody":"Bär"}');

async function signed(atMs = nowMs, more: Record<string, string> = {}): Promise<IncomingHttpHeaders> {
  const signer = new SignatureV4({ service: 'sqs', region: 'us-east-1', sha256: Sha256, credentials: key });
  const headers = {
    host: '127.0.0.1:4566',
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'AmazonSQS.SendMessage',
    ...more,
  };
  const request = { method: 'POST', protocol: 'http:', hostname: '127.0.0.1', path: '/', query: {}, headers, body };
  return (await signer.sign(request, { signingDate: new Date(atMs) })).headers;
}

describe('a call of the local queues', () => {
  it.each([-299_000, 0, 299_000])('is taken when it was signed %i ms from now', async (apartMs) => {
    expect(isSigned(await signed(nowMs + apartMs), body, key, nowMs)).toBe(true);
  });

  it.each([-301_000, 301_000])('is refused when it was signed %i ms from now', async (apartMs) => {
    expect(isSigned(await signed(nowMs + apartMs), body, key, nowMs)).toBe(false);
  });

  it('is taken with blanks in a header that is signed, which signers fold', async () => {
    expect(isSigned(await signed(nowMs, { 'x-note': '  a   b ' }), body, key, nowMs)).toBe(true);
  });

  it.each<[string, (headers: IncomingHttpHeaders) => IncomingHttpHeaders]>([
    ['to another name', (headers) => ({ ...headers, host: 'localhost:4566' })],
    ['of another action', (headers) => ({ ...headers, 'x-amz-target': 'AmazonSQS.PurgeQueue' })],
    ['of another type', (headers) => ({ ...headers, 'content-type': 'text/plain' })],
    ['at another time', (headers) => ({ ...headers, 'x-amz-date': '20260301T120001Z' })],
    ['at no time', ({ 'x-amz-date': _, ...headers }) => headers],
    ['without a signature', ({ authorization: _, ...headers }) => headers],
    ['with one of nothing', (headers) => ({ ...headers, authorization: '' })],
    ...['host', 'x-amz-date', 'x-amz-target', 'content-type'].map(
      (name) =>
        [
          `that does not sign ${name}`,
          (headers: IncomingHttpHeaders) => ({
            ...headers,
            authorization: headers.authorization!.replace(new RegExp(`(?<=[=;])${name}(?:;|(?=,))`), ''),
          }),
        ] as [string, (headers: IncomingHttpHeaders) => IncomingHttpHeaders],
    ),
    ...[
      ['another service', '/sqs/', '/sns/'],
      ['another region', '/us-east-1/', '/eu-west-1/'],
      ['another day', '/20260301/', '/20260302/'],
      ['another key', 'Credential=keyvend', 'Credential=any'],
    ].map(
      ([what = '', from = '', to = '']) =>
        [
          `with the scope of ${what}`,
          (headers: IncomingHttpHeaders) => ({ ...headers, authorization: headers.authorization!.replace(from, to) }),
        ] as [string, (headers: IncomingHttpHeaders) => IncomingHttpHeaders],
    ),
  ])('is refused %s', async (_, changed) => {
    const headers = await signed();
    expect(isSigned(headers, body, key, nowMs)).toBe(true);
    expect(isSigned(changed(headers), body, key, nowMs)).toBe(false);
  });

  it('is refused with another body, or with another secret', async () => {
    const headers = await signed();
    expect(isSigned(headers, Buffer.from('{}'), key, nowMs)).toBe(false);
    expect(isSigned(headers, body, { ...key, secretAccessKey: 'any' }, nowMs)).toBe(false);
  });

  it('is taken as curl signs it, by the command in the README', async (ctx) => {
    const calls: boolean[] = [];
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      calls.push(isSigned(request.headers, Buffer.concat(chunks), key, Date.now()));
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const named = ['-H', 'content-type: application/x-amz-json-1.0', '-H', 'x-amz-target: AmazonSQS.SendMessage'];
    const signing = ['--aws-sigv4', 'aws:amz:us-east-1:sqs', '--user', `${key.accessKeyId}:${key.secretAccessKey}`];
    const curl = spawn('curl', ['-sS', ...signing, ...named, '-d', body.toString(), url], { stdio: 'ignore' });
    const ended = await Promise.race([once(curl, 'exit'), once(curl, 'error')]);
    server.close();
    if (ended[0] !== 0) return ctx.skip('curl is not installed, or does not sign');
    expect(calls).toEqual([true]);
  });
});

it('the file with the key says what AWS’s programs read in it', () => {
  expect(queueKeyIn(credentialsFile(key))).toEqual(key);
  expect(credentialsFile(key)).toMatch(/^\[default\]\naws_access_key_id = \S+\naws_secret_access_key = \S+$/);
});
