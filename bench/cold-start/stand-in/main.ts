// Whatever a vend asks for, answered at once over TLS by this one process. A port per upstream host, because production has a
// host per service: on one shared port a client that keeps connections would save handshakes that it cannot save there.
// Forked by `start.ts`; it ends when its parent does.
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeCertificate } from '../../../local/clouds/http/certificate.ts';
import { issuer } from '../../../local/stack/issuer.ts';
import { type Answering, read } from './asked.ts';
import { dynamodb, events, secretsmanager } from './aws.ts';
import { cvm, ecs, ens } from './clouds.ts';
import type { Host } from './hosts.ts';
import { Recorder } from './recorder.ts';
import { AUDIENCE, ISSUER, type Ready } from './start.ts';

const { cert, key } = await makeCertificate();
const { keys, token } = await issuer(ISSUER, AUDIENCE);
const recorder = new Recorder();

const hosts: Readonly<Record<Host, Answering>> = {
  issuer: () => keys,
  ens: ens(),
  ecs: ecs(),
  cvm: cvm(),
  secretsmanager: secretsmanager(),
  dynamodb: dynamodb(),
  events,
  sqs: () => ({}), // a vend that succeeds never asks it; the functions only need to be told where it is
};

async function listen(host: Host, answering: Answering): Promise<number> {
  const server = createServer({ cert, key }, async (request, response) => {
    const noted = recorder.arrived(host, request);
    const asked = await read(request);
    const filler = asked.headers['x-answer-bytes'];
    if (filler !== undefined) return response.end('x'.repeat(Number(filler))); // the floor asks for bytes, not for answers
    const answer = answering(asked);
    const text = JSON.stringify(answer ?? { message: `nothing answers ${asked.action}` });
    await noted?.({ action: asked.action, bodyBytes: asked.body.length, answerBytes: text.length });
    response.writeHead(answer === undefined ? 400 : 200, { 'content-type': 'application/json' }).end(text);
  });
  server.keepAliveTimeout = host === 'ens' || host === 'ecs' ? 10_000 : 60_000; // Alibaba's gateways reclaim what is idle soon
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const ports: Partial<Record<Host, number>> = {};
for (const [host, answering] of Object.entries(hosts)) ports[host as Host] = await listen(host as Host, answering);

process.on('disconnect', () => process.exit());
process.on('message', (word) => process.send?.(word === 'record' ? recorder.begin() : recorder.end()));
process.send?.({ ports: ports as Ready['ports'], ca: cert, token: await token('bench', 24) } satisfies Ready);
