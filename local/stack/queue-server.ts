// A real SQS API on this machine, as a process of its own. The server listens on every address; whatever it asks for, it gets
// loopback here. Prints its port once it is up.
import net from 'node:net';
import { startFauxqs } from 'fauxqs';

const listen = net.Server.prototype.listen as (...given: unknown[]) => net.Server;
net.Server.prototype.listen = function (this: net.Server, options: unknown, ...rest: unknown[]) {
  const loopback = typeof options === 'object' && options !== null ? { ...options, host: '127.0.0.1' } : options;
  return Reflect.apply(listen, this, [loopback, ...rest]);
} as typeof net.Server.prototype.listen;

const [dataDir = '', ...queues] = process.argv.slice(2);
const server = await startFauxqs({ port: 0, logger: false, host: '127.0.0.1', dataDir });
for (const queue of queues) {
  const [name = '', deadLetters] = queue.split('>');
  const redrive = { deadLetterTargetArn: arn(deadLetters ?? ''), maxReceiveCount: 1000 };
  server.createQueue(name, deadLetters === undefined ? {} : { attributes: { RedrivePolicy: JSON.stringify(redrive) } });
}
function arn(name: string): string {
  return `arn:aws:sqs:us-east-1:000000000000:${name}`;
}

process.stdout.write(`${server.port}\n`);
process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)));
process.once('SIGINT', () => {}); // the stack's own process decides when
process.once('disconnect', () => process.exit(0));
