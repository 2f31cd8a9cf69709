// AWS on loopback, with an address for each function, so that every call is known with who made it: DynamoDB and Secrets Manager are passed on to
// the servers that other tests use; of SQS and EventBridge a function hears only whether it was taken.
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Json } from '../deploy/packaged.ts';

export interface Call {
  readonly by: string;
  readonly service: 'dynamodb' | 'secretsmanager' | 'sqs' | 'events';
  readonly action: string;
  readonly input: Json;
  /** Of the secret that the call is about, as they were before it. */
  readonly tags: Readonly<Record<string, string>> | undefined;
  /** The key that it was encrypted with. */
  readonly key: string | undefined;
}

/** What the next calls of a function and action are answered with, and nothing is done. */
export interface Refused {
  readonly by: string;
  readonly action: string;
  readonly status: number;
  readonly type: string;
  /** How many calls. */
  times: number;
  /** Not before the function has called this. */
  once?: string;
}

const services = {
  DynamoDB_20120810: 'dynamodb',
  secretsmanager: 'secretsmanager',
  AmazonSQS: 'sqs',
  AWSEvents: 'events',
} as const;

export interface Recorder {
  readonly calls: Call[];
  readonly refused: Refused[];
  /** @returns the address that is this function's AWS */
  openTo(by: string): Promise<string>;
  stop(): Promise<void>;
}

/** @param passedTo addresses of the servers behind it @param secretOf what a secret has, by its name or ARN */
export function startRecorder(
  passedTo: { readonly dynamodb: string; readonly secretsmanager: string },
  secretOf: (secretId: string) => Pick<Call, 'tags' | 'key'> | undefined,
): Recorder {
  const calls: Call[] = [];
  const refused: Refused[] = [];
  const servers: Server[] = [];

  async function answer(by: string, asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(asked);
    const [target = '', action = ''] = String(asked.headers['x-amz-target']).split('.');
    const service = services[target as keyof typeof services];
    if (service === undefined) throw new TypeError(`${target} is not known here`);
    const input = JSON.parse(String(body));
    const secret = typeof input.SecretId === 'string' ? secretOf(input.SecretId) : undefined;
    calls.push({ by, service, action, input, tags: secret?.tags, key: secret?.key });
    for (const one of refused) if (one.by === by && one.once === action) delete one.once;
    const fault = refused.find(
      (one) => one.by === by && one.action === action && one.times > 0 && one.once === undefined,
    );
    if (fault !== undefined) {
      fault.times -= 1;
      return void response.writeHead(fault.status).end(JSON.stringify({ __type: fault.type }));
    }
    if (service === 'sqs') return void response.end('{"MessageId":"1"}');
    if (service === 'events')
      return void response.end(
        JSON.stringify({ FailedEntryCount: 0, Entries: input.Entries.map(() => ({ EventId: '1' })) }),
      );
    const { status, headers, text } = await passedOn(passedTo[service], asked, body);
    response.writeHead(status, headers).end(text);
  }

  return {
    calls,
    refused,
    async openTo(by) {
      const server = createServer((asked, response) => {
        answer(by, asked, response).catch((error: Error) => response.writeHead(500).end(error.message));
      });
      servers.push(server);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    async stop() {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

/** With the same head, `Host` among it: that is what was signed. */
async function passedOn(to: string, { method, url, headers }: IncomingMessage, body: Buffer) {
  const { hostname, port } = new URL(to);
  const sent = request({ hostname, port, method, path: url, headers });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const text = await buffer(response);
  return {
    status: response.statusCode!,
    headers: {
      'content-type': response.headers['content-type'] ?? '',
      'x-amz-crc32': response.headers['x-amz-crc32'] ?? '',
    },
    text,
  };
}
