// The functions as they are deployed to AWS, configured by the environment and wired by their own runtime, with stand-ins
// where the network begins.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OPEN } from '../../lib/access/access-document.ts';
import { type ServiceName, serviceNames } from '../../local/clouds/state/registry.ts';
import { type Handler, handlerOf } from '../../local/stack/invoke.ts';
import { issuer } from '../../local/stack/issuer.ts';
import { memoryPorts } from './memory.ts';
import { actionOf, answer, clear } from './services.ts';
import { inThreadPool } from './turns.ts';
import { answerHere } from './wire.ts';

/** What is waited for. A cloud's create takes longer than its other calls. */
export type Port = 'ledger' | 'store' | 'publish' | 'create' | 'describe';
const portOf: Readonly<Record<string, Port>> = {
  ...{ CreateKeyPair: 'create', DescribeKeyPairs: 'describe', PutEvents: 'publish' },
  ...{ GetItem: 'ledger', PutItem: 'ledger', UpdateItem: 'ledger', Query: 'ledger', DescribeTable: 'ledger' },
};

export interface Wired {
  readonly handlers: Readonly<Record<ServiceName, Handler>>;
  /** A header's value. */
  readonly authorization: string;
  /** Makes the stand-ins forget all that they keep. */
  forget(): void;
}

/**
 * @param aws whether ledger, store and event bus are AWS's, with their adapters, or memory
 * @param waitMs how long a call takes
 */
export async function wired(aws: boolean, waitMs: (port: Port) => number): Promise<Wired> {
  const [KEYVEND_AUDIENCE, KEYVEND_ISSUER] = ['keyvend', 'urn:keyvend:bench'];
  const { keys, token } = await issuer(KEYVEND_ISSUER, KEYVEND_AUDIENCE);
  const nowhere = 'http://127.0.0.1:9';
  Object.assign(process.env, {
    ...{ KEYVEND_PLATFORM: 'aws', KEYVEND_LEDGER: 'dynamodb', KEYVEND_STORE: 'secrets-manager' },
    ...{ KEYVEND_DEPLOYMENT: 'bench', KEYVEND_ACCESS: OPEN, KEYVEND_ISSUER, KEYVEND_AUDIENCE },
    ...{ KEYVEND_JWKS_URI: await published(keys), KEYVEND_UPSTREAM_PREFIX: 'keyvend-upstream/bench/' },
    ...{ KEYVEND_TABLE: 'keyvend', KEYVEND_KMS_KEY: 'alias/keyvend', KEYVEND_BUS: 'keyvend' },
    ...{ AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'AKIABENCH', AWS_SECRET_ACCESS_KEY: 'bench' },
    ...{ AWS_ENDPOINT_URL_DYNAMODB: nowhere, AWS_ENDPOINT_URL_SECRETS_MANAGER: nowhere },
    ...{ AWS_ENDPOINT_URL_EVENTBRIDGE: nowhere, AWS_ENDPOINT_URL_SQS: nowhere },
    ...{ KEYVEND_ENS_ENDPOINT: nowhere, KEYVEND_ECS_ENDPOINT: nowhere, KEYVEND_CVM_ENDPOINT: nowhere },
  });
  answerHere(answer, (sent) => waitMs(portOf[actionOf(sent)] ?? 'store'));
  const verify = crypto.subtle.verify.bind(crypto.subtle);
  crypto.subtle.verify = (...given) => inThreadPool(verify(...given));

  const { runtime } = await import('../../lib/platforms/runtime.ts');
  const ports = await runtime.ports();
  // CVM's rate limit is a wait for the cloud, so nobody waits for it here; the permit is acquired all the same.
  Object.assign(ports, { settings: { ...ports.settings, callsPerSecond: { cvm: 1e9 } } });
  const { clear: clearPorts, ...inMemory } = memoryPorts('bench', waitMs);
  if (!aws) Object.assign(ports, inMemory);

  const handlers = await Promise.all(
    serviceNames.map(async (provider) => [provider, await handlerOf(`functions/${provider}.http`)]),
  );
  return {
    handlers: Object.fromEntries(handlers) as Wired['handlers'],
    authorization: `Bearer ${await token('portal', 12)}`,
    forget() {
      clear();
      clearPorts();
    },
  };
}

/** The functions ask for the issuer's keys once, over a real connection. @returns where */
async function published(keys: object): Promise<string> {
  const server = createServer((_, response) => response.end(JSON.stringify(keys)));
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
}
