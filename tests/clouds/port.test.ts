// One port: plain HTTP and TLS side by side, on loopback only, and a close that keeps its word.
import { Agent, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { Clouds } from '../../local/clouds/clouds.ts';
import { acs3, call, createCall, tc3, type Wire } from './support/raw.ts';
import { started } from './support/started.ts';

function ask(
  request: typeof plainRequest,
  clouds: Clouds,
  { method, target, headers, body }: Wire,
  ca?: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: clouds.port, method, path: target, headers, ca, agent: false as const };
    const outgoing = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
const describeAll = (clouds: Clouds): Wire =>
  acs3('ens', 'DescribeKeyPairs', {}, clouds.credentials.alibaba, { host: `127.0.0.1:${clouds.port}` });

describe('the port', () => {
  it('speaks HTTP and TLS at the same time, for both clouds', async () => {
    const clouds = await started();
    expect(clouds.tlsEndpoint).toBe(clouds.endpoint.replace('http:', 'https:'));
    const host = `127.0.0.1:${clouds.port}`;
    const cvm = (): Wire => tc3('DescribeKeyPairs', {}, clouds.credentials.tencent, { host });
    const answers = await Promise.all([
      ask(plainRequest, clouds, describeAll(clouds)),
      ask(tlsRequest as typeof plainRequest, clouds, describeAll(clouds), clouds.ca),
      ask(plainRequest, clouds, cvm()),
      ask(tlsRequest as typeof plainRequest, clouds, cvm(), clouds.ca),
    ]);
    for (const answer of answers) expect(answer).toContain('"TotalCount":0');
  });

  it('is not trusted without its certificate', async () => {
    const clouds = await started();
    await expect(ask(tlsRequest as typeof plainRequest, clouds, describeAll(clouds))).rejects.toThrow(
      /self-signed|unable to verify/,
    );
  });

  it('is open on loopback only', async (context) => {
    const clouds = await started();
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((address) => address?.family === 'IPv4' && !address.internal)?.address;
    if (!outside) return context.skip('this machine has no address but loopback');
    const outcome = await new Promise((resolve) => {
      const socket = connect(clouds.port, outside, () => resolve('connected'));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      socket.on('close', () => socket.destroy());
    });
    expect(outcome).toBe('ECONNREFUSED');
  });

  it('takes ten megabytes and no more', async () => {
    const clouds = await started();
    const wire = (length: number): Wire => ({ method: 'POST', target: '/', headers: {}, body: 'x'.repeat(length) });
    expect(await ask(plainRequest, clouds, wire(10 * 1024 * 1024))).toContain('InvalidVersion');
    expect(await ask(plainRequest, clouds, wire(10 * 1024 * 1024 + 1))).toContain('10485760 bytes at most');
  });

  it('takes the twenty longest tags a request can have', async () => {
    const clouds = await started();
    const wide = '鍵'.repeat(126);
    const tags = Array.from({ length: 20 }, (_, n) => ({
      [`Tag.${n + 1}.Key`]: `${wide}${n}`,
      [`Tag.${n + 1}.Value`]: wide,
    }));
    expect((await call(clouds, 'ecs', 'CreateKeyPair', Object.assign({ KeyPairName: 'a1' }, ...tags))).code).toBe('');
  });

  it('survives bytes that are neither HTTP nor TLS', async () => {
    const clouds = await started();
    for (const bytes of [
      Buffer.from([0x16, 3, 1, 0, 0]),
      Buffer.from('\0\0\0\0'),
      Buffer.from('GET'),
      Buffer.alloc(0),
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connect(clouds.port, '127.0.0.1', () => socket.end(bytes));
        socket.on('error', () => undefined).on('close', () => resolve());
        socket.resume();
      });
    }
    expect((await call(clouds, 'ens', 'DescribeKeyPairs')).code).toBe('');
  });
});

describe('closing the server', () => {
  it('lets a request in flight finish, delay and all, and takes no more', async () => {
    const clouds = await started();
    clouds.admin.addFault({ fault: { kind: 'delay', delayMs: 600_000, delayWhen: 'after-commit' } });
    const slow = call(clouds, 'ens', 'CreateKeyPair', createCall('ens', 'a1'));
    while (clouds.admin.pairs().length === 0) await new Promise((resolve) => setImmediate(resolve));
    const closed = clouds.close();
    expect((await slow).code).toBe('');
    await closed;
    const agent = new Agent(); // on a connection of its own
    await expect(call(clouds, 'ens', 'DescribeKeyPairs', {}, { agent })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });

  it('does not wait for a request that never ends', async () => {
    const clouds = await started();
    const socket = connect(clouds.port, '127.0.0.1', () =>
      socket.write(`POST / HTTP/1.1\r\nhost: 127.0.0.1:${clouds.port}\r\ncontent-length: 9\r\n\r\nhalf`),
    );
    socket.on('error', () => undefined);
    const ended = new Promise((resolve) => socket.on('close', resolve));
    await call(clouds, 'ens', 'DescribeKeyPairs');
    await clouds.close();
    await ended;
  });
});
