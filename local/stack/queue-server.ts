// A real SQS API on this machine, as a process of its own. The package behind it also serves SNS, S3 and a list of its queues,
// listens on every address and checks no signature. Whatever it opens gets loopback here, and lets in what signed calls of SQS
// there are and nothing else. Prints its port once it is up.
import { IncomingMessage, type RequestListener } from 'node:http';
import net from 'node:net';
import { startFauxqs } from 'fauxqs';
import { guarded, refuse } from '../guard.ts';
import { isSigned } from './queue-signature.ts';

const [dataDir = '', ...queues] = process.argv.slice(2);
const [accessKeyId = '', secretAccessKey = ''] = (process.env.KEYVEND_QUEUE_KEY ?? '').split(':');
const key = { accessKeyId, secretAccessKey };
if (!secretAccessKey) throw new TypeError('KEYVEND_QUEUE_KEY is missing');

const listen = net.Server.prototype.listen as (...given: unknown[]) => net.Server;
net.Server.prototype.listen = function (this: net.Server, options: unknown, ...rest: unknown[]) {
  const handlers = this.listeners('request') as RequestListener[];
  this.removeAllListeners('request');
  for (const handle of handlers) this.on('request', guarded(signedCalls(handle)));
  const loopback = typeof options === 'object' && options !== null ? { ...options, host: '127.0.0.1' } : options;
  return Reflect.apply(listen, this, [loopback, ...rest]);
} as typeof net.Server.prototype.listen;

/** SQS takes 1 MiB, and JSON may escape all of it. */
const LONGEST_BODY = 8 * 1024 * 1024;

/** Calls of SQS are `POST /` in AWS JSON 1.0; SNS and STS are forms, and all else has a path. */
function signedCalls(handle: RequestListener): RequestListener {
  return async (request, response) => {
    const { method, url, headers } = request;
    const isCall = method === 'POST' && url === '/' && String(headers['x-amz-target']).startsWith('AmazonSQS.');
    if (!isCall || headers['content-type'] !== 'application/x-amz-json-1.0')
      return refuse(response, { status: 404, message: 'Queues are served here (SQS), and nothing else' });
    const body = await wholeBody(request);
    if (body === undefined) return refuse(response, { status: 413, message: 'Request Too Long' });
    if (isSigned(headers, body, key, Date.now())) return handle(sameWith(request, body), response);
    refuse(response, { status: 403, message: 'Sign with the key in the file queue-credentials, beside the token' });
  };
}

async function wholeBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= LONGEST_BODY) chunks.push(chunk);
  }
  return length <= LONGEST_BODY ? Buffer.concat(chunks) : undefined;
}

/** The request once more, because a stream is read once. */
function sameWith({ method, url, headers, rawHeaders, httpVersion, socket }: IncomingMessage, body: Buffer) {
  const told = { method, url, headers, rawHeaders, httpVersion, complete: true }; // one that is not complete ends the connection
  const again = Object.assign(new IncomingMessage(socket), told);
  again.push(body);
  again.push(null);
  return again;
}

const server = await startFauxqs({ port: 0, logger: false, host: '127.0.0.1', dataDir });
for (const queue of queues) {
  const [name = '', deadLetters] = queue.split('>');
  const redrive = { deadLetterTargetArn: arn(deadLetters ?? ''), maxReceiveCount: 1000 };
  server.createQueue(name, deadLetters === undefined ? {} : { attributes: { RedrivePolicy: JSON.stringify(redrive) } });
}
function arn(name: string): string {
  return `arn:aws:sqs:us-east-1:000000000000:${name}`;
}

process.stdout.on('error', () => process.exit(0)); // the stack's own process has ended
process.stdout.write(`${server.port}\n`);
process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)));
process.once('SIGINT', () => {}); // the stack's own process decides when
process.once('disconnect', () => process.exit(0));
