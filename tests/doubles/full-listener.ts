// A listener that lets nobody in, as a far or a dead address does: its queue is full and nobody takes from it, so the system drops
// what asks for a connection. Once it is opened, whoever asked gets in when the system asks again, about a second later (RFC 6298: the
// first retransmission), and is answered over HTTP.
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

export interface FullListener {
  readonly port: number;
  /** Lets everybody in from now on. */
  open(): void;
  close(): Promise<void>;
}

const program = `
const { createServer } = require('node:net');
const { parentPort, workerData: { host, port, opened, answer } } = require('node:worker_threads');
const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', () => socket.write(answer));
});
server.listen({ host, port, backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(opened, 0, 0); // nothing is taken from the queue as long as this thread stands still
});
`;

/** @param answer what is said to whatever is received, once it is open @param port 0 for any */
export async function fullListener(host: string, answer: string, port = 0): Promise<FullListener> {
  const opened = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(program, { eval: true, workerData: { host, port, opened, answer } });
  const [at] = (await once(worker, 'message')) as [number];
  const waiting = await Promise.all([queued(host, at), queued(host, at)]); // one more than its backlog
  const open = () => {
    Atomics.store(opened, 0, 1);
    Atomics.notify(opened, 0);
  };
  return {
    port: at,
    open,
    async close() {
      for (const socket of waiting) socket.destroy();
      open();
      await worker.terminate();
    },
  };
}

async function queued(host: string, port: number): Promise<Socket> {
  const socket = net.connect({ host, port }).on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** A port that is free on all of these addresses. */
export async function portFreeOn(...hosts: string[]): Promise<number> {
  const [first, ...others] = hosts;
  const probe = net.createServer().listen(0, first);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  const free = await Promise.all(others.map((host) => isFree(host, port)));
  probe.close();
  await once(probe, 'close');
  return free.every(Boolean) ? port : portFreeOn(...hosts);
}

async function isFree(host: string, port: number): Promise<boolean> {
  const probe = net.createServer().listen(port, host);
  const listens = await once(probe, 'listening').then(
    () => true,
    () => false,
  );
  if (listens) await new Promise((resolve) => probe.close(resolve));
  return listens;
}
