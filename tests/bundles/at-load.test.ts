// What a function begins with while it is loaded, and for whom it connects to a cloud: the bundles as they are shipped, in processes of
// their own, with listeners in the place of everything that they could connect to.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environment } from '../../bench/cold-start/environment.ts';
import { handlers } from '../../bench/cold-start/handlers.ts';
import type { Host } from '../../bench/cold-start/stand-in/hosts.ts';
import { type StandIn, startStandIn } from '../../bench/cold-start/stand-in/start.ts';
import { bundle } from '../../deploy/bundle.ts';

let folder: string;
let standIn: StandIn;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyvend-at-load-'));
  standIn = await startStandIn();
});
afterAll(async () => {
  await standIn.stop();
  rmSync(folder, { recursive: true });
});

/** In front of each host: passes on, and counts. */
async function counted() {
  const connections: Partial<Record<Host, number>> = {};
  const ports: Partial<Record<Host, number>> = {};
  const servers: net.Server[] = [];
  for (const [host, port] of Object.entries(standIn.ports) as [Host, number][]) {
    const server = net.createServer((near) => {
      connections[host] = (connections[host] ?? 0) + 1;
      const far = net.connect(port, '127.0.0.1');
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        one.on('error', () => {});
        one.pipe(other);
      }
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    servers.push(server);
    ports[host] = (server.address() as AddressInfo).port;
  }
  return { connections, ports: ports as Record<Host, number>, close: () => servers.forEach((one) => void one.close()) };
}

/** Loads a function and calls it with an event, if any. @returns its answer, and how often it connected where */
async function run(name: string, event?: object) {
  const [handler] = handlers([name]);
  const { file } = await bundle(handler!.module, folder);
  const { connections, ports, close } = await counted();
  const [ca, home] = [join(folder, 'ca.pem'), folder];
  writeFileSync(ca, standIn.ca);
  const script = `
    const { ${handler!.exported}: handler } = require(${JSON.stringify(file)});
    const context = { awsRequestId: 'r', functionName: 'f', functionVersion: '1', invokedFunctionArn: 'a', memoryLimitInMB: '1', getRemainingTimeInMillis: () => 29000 };
    const event = ${JSON.stringify(event ?? null)};
    (async () => {
      const answer = event === null ? null : await handler(event, context);
      process.send(answer);
      process.on('message', () => process.exit());
    })();`;
  const child = spawn(process.execPath, ['-e', script], {
    env: environment({ ports }, ca, home),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [answer] = (await once(child, 'message')) as [{ statusCode?: number } | null];
  return {
    answer,
    connections,
    async end() {
      child.send('end');
      await once(child, 'exit');
      close();
    },
  };
}
const post = (region: string, authorization?: string) => ({
  version: '2.0',
  routeKey: 'POST /v1/ecs/key-pairs',
  rawPath: '/v1/ecs/key-pairs',
  headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
  requestContext: { http: { method: 'POST' } },
  body: JSON.stringify({ name: `at_load_${Math.floor(performance.now())}`, region }),
});

describe('a function', () => {
  it.each([
    ['ens.http', { ens: 2 }],
    ['ecs.http', {}],
    ['cvm.http', { cvm: 1 }],
  ] as const)('that vends, %s, connects to what it will need while it is loaded', async (name, clouds) => {
    const { connections, end } = await run(name);
    await expect.poll(() => connections).toEqual({ dynamodb: 1, secretsmanager: 1, events: 1, issuer: 1, ...clouds });
    await end();
  });

  it('that only reads connects to the issuer alone before it is called', async () => {
    const { connections, end } = await run('catalog.http');
    await expect.poll(() => connections).toEqual({ issuer: 1 });
    await end();
  });

  it('connects to no region of a cloud that somebody names who has no token, or one that is none', async () => {
    for (const authorization of [undefined, 'Bearer nonsense', `Bearer ${standIn.token.slice(0, -4)}AAAA`]) {
      const { answer, connections, end } = await run('ecs.http', post('eu-central-1', authorization));
      expect(answer?.statusCode).toBe(401);
      expect(connections.ecs).toBeUndefined();
      await end();
    }
  });

  it('connects to the region of a caller who may vend there', async () => {
    const { answer, connections, end } = await run('ecs.http', post('cn-hangzhou', `Bearer ${standIn.token}`));
    expect(answer?.statusCode).toBe(201);
    expect(connections.ecs).toBe(2);
    await end();
  });
});
