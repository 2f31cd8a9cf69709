// What a deployed function finds in its environment, with the stand-in's ports where the real hosts would be. All variants get
// the same, and nothing else: no PATH, no proxy, an empty home.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compile } from '../../lib/access/compile.ts';
import type { Host } from './stand-in/hosts.ts';
import { AUDIENCE, ISSUER, type Ready } from './stand-in/start.ts';

/** As many grants as a small platform has; the last one is the one that fits. */
const teams = Array.from({ length: 20 }, (_, i) => `team-${i}`);
const document = {
  version: 1,
  issuers: { default: { groups: 'groups', scopes: 'scope', client: 'azp' } },
  grants: [
    ...teams.map((team) => ({
      id: team,
      who: { issuer: 'default', groups: [team] },
      may: ['vend', 'read', 'rotate'],
      on: { provider: ['ens', 'ecs'], account: ['default'], region: 'any', name: [`${team}-*`] },
    })),
    {
      id: 'portal',
      who: { issuer: 'default', subject: 'bench' },
      may: 'any',
      on: { provider: 'any', account: 'any', region: 'any', name: 'any' },
    },
    {
      id: 'queues',
      who: { queue: 'any', sender: 'any' },
      may: 'any',
      on: { provider: 'any', account: 'any', region: 'any', name: 'any' },
    },
  ],
};

/** @param ca a file with the stand-in's certificate, which every process trusts besides Node's own */
export function environment({ ports }: Pick<Ready, 'ports'>, ca: string, home: string): Record<string, string> {
  const access = join(dirname(ca), 'access.json');
  writeFileSync(access, JSON.stringify(compile(document).compiled));
  const at = (host: Host) => `https://127.0.0.1:${ports[host]}`;
  return {
    HOME: home,
    NODE_EXTRA_CA_CERTS: ca,
    KEYVEND_PLATFORM: 'aws',
    KEYVEND_LEDGER: 'dynamodb',
    KEYVEND_STORE: 'secrets-manager',
    KEYVEND_DEPLOYMENT: 'bench',
    KEYVEND_ISSUER: ISSUER,
    KEYVEND_ACCESS: access,
    KEYVEND_AUDIENCE: AUDIENCE,
    KEYVEND_JWKS_URI: `${at('issuer')}/.well-known/jwks.json`,
    KEYVEND_STRICT: 'false',
    KEYVEND_TABLE: 'keyvend',
    KEYVEND_KMS_KEY: 'arn:aws:kms:us-east-1:123456789012:key/00000000-0000-4000-8000-000000000000',
    KEYVEND_UPSTREAM_PREFIX: 'keyvend-upstream/bench/',
    KEYVEND_BUS: 'keyvend-bench',
    KEYVEND_ROTATION_QUEUE_URL: `${at('sqs')}/123456789012/keyvend-rotation`,
    KEYVEND_OVERLAP_DAYS: '7',
    KEYVEND_COVERAGE: '1',
    KEYVEND_MAX_PARALLEL_HOSTS: '5',
    KEYVEND_RECORD_HOST_KEYS: 'false',
    KEYVEND_GRACE_DAYS: '30',
    KEYVEND_WORKERS_PER_CALLER: '2',
    KEYVEND_HOST_NETWORKS: '10.0.0.0/8',
    KEYVEND_HOST_PORTS: '22',
    KEYVEND_ENS_ENDPOINT: at('ens'),
    KEYVEND_ECS_ENDPOINT: at('ecs'),
    KEYVEND_CVM_ENDPOINT: at('cvm'),
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'ASIABENCH',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_SESSION_TOKEN: 'bench',
    AWS_ENDPOINT_URL_DYNAMODB: at('dynamodb'),
    AWS_ENDPOINT_URL_SECRETS_MANAGER: at('secretsmanager'),
    AWS_ENDPOINT_URL_EVENTBRIDGE: at('events'),
    AWS_ENDPOINT_URL_SQS: at('sqs'),
  };
}
