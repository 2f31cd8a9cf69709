// Between the functions and Secrets Manager: refuses, as IAM would, whoever asks for a key that is stored under `keyvend/`.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Refusing {
  readonly endpoint: string;
  /** The actions that came by, in order; a refused one with an exclamation mark. */
  readonly seen: string[];
  stop(): void;
}

/** @param endpoint what is asked for everything else */
export async function refusingKeys(endpoint: string): Promise<Refusing> {
  const seen: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const action = String(request.headers['x-amz-target']).replace('secretsmanager.', '');
    const refused = action === 'GetSecretValue' && /[":]keyvend\//.test(String(body));
    seen.push(refused ? `${action}!` : action);
    if (refused) return void response.writeHead(400).end(JSON.stringify({ __type: 'AccessDeniedException' }));
    const { host: _, connection: _hop, 'content-length': _length, ...headers } = request.headers;
    const answer = await fetch(`${endpoint}${request.url}`, {
      method: 'POST',
      headers: headers as Record<string, string>,
      body,
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    seen,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
