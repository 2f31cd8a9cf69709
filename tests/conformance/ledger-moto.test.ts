// The same contract on another stand-in for DynamoDB, by other authors: where the two agree, we rely on neither's quirks.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { ledgerContract } from './ledger-contract.ts';
import { type LocalDynamo, localDynamo } from './ledger-dynamodb-local.ts';

const program = 'moto_server';
const installed = spawnSync(program, ['--help'], { stdio: 'ignore' }).status === 0;

describe('the ledger in DynamoDB, by moto', () => {
  if (!installed) return void it('keeps the contract', (ctx) => ctx.skip('moto_server is not installed'));
  let dynamo: LocalDynamo;
  beforeAll(async () => {
    dynamo = await startMoto();
  });
  afterAll(() => dynamo?.stop());
  ledgerContract(() => dynamo.table());
});

async function startMoto(): Promise<LocalDynamo> {
  const port = await freePort();
  const server = spawn(program, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const stop = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
  };
  await answering(server, port).catch(async (error) => {
    await stop();
    throw error;
  });
  return localDynamo(`http://127.0.0.1:${port}`, stop);
}

async function answering(server: ChildProcess, port: number): Promise<void> {
  while (server.exitCode === null) {
    const socket = net.connect(port, '127.0.0.1');
    const up = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (up) return;
    await wait(50);
  }
  throw new Error('moto_server ended');
}

async function freePort(): Promise<number> {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
