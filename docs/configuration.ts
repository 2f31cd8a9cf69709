// The table of environment variables: which there are and what is usual, from the code; which parameter of a stage sets them, from
// serverless.yml; and what they are for, from here. A variable without words stops it, and so do words without a variable.
import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { variablesOf } from '../lib/platforms/configuration.ts';
import { rotationConfiguration } from '../lib/platforms/rotation-configuration.ts';
import { cloudVariableOf, providerNames, variableOf } from '../lib/provider-table.ts';

const perProvider = (of: (provider: (typeof providerNames)[number]) => readonly [string, string]) =>
  Object.fromEntries(providerNames.map(of));

const words: Readonly<Record<string, string>> = {
  KEYVEND_PLATFORM:
    'how functions are called, which queues and bus they use: `aws`, `local`, `serve` for [a server of your own](self-hosting.md), or `fc` for [Alibaba Function Compute](deploy-fc.md)',
  KEYVEND_LEDGER: 'where records are kept: `dynamodb`, `postgres` or `sqlite`. `npm start`: `sqlite`',
  KEYVEND_STORE:
    'where private keys are kept: `secrets-manager`, `kms`, `kv` or `embedded`. `npm start`: `embedded`, or `kv`',
  KEYVEND_DEPLOYMENT:
    'which keyvend this is: the tag on secrets, and the beginning of the one on pairs. Never change it',
  KEYVEND_ACCESS:
    'a compiled access document, or the words that every valid token may do everything. `npm start` takes the document as people write it',
  KEYVEND_AWS_CALLERS: 'whether requests count that API Gateway took for signed by a user or role of AWS',
  KEYVEND_ISSUER: 'the `iss` of tokens',
  KEYVEND_AUDIENCE: 'their `aud`',
  KEYVEND_JWKS_URI: "where the issuer's public keys are",
  KEYVEND_KEYS_FRESH_SECONDS: 'how long those are used before they are fetched again',
  KEYVEND_TOKEN_LIFETIME_SECONDS: 'a token that is valid for longer is refused',
  KEYVEND_CORS_ORIGINS:
    'the origins of web pages that may call the API, separated by commas or blanks; none where it is empty. On AWS it is the parameter `cors-origins`',
  KEYVEND_METRICS:
    '`embedded` prints metrics as lines of the log, in the embedded format of CloudWatch; on AWS it is the parameter `metrics`. `keyvend serve` has them at `KEYVEND_METRICS_LISTEN`',
  KEYVEND_STRICT: 'refuses keys that no evidence of the cloud proves',
  KEYVEND_KEY_SOURCE:
    'who makes a key where the request does not say: the cloud (`create`), or keyvend, which stores it before the cloud imports its public half (`import`)',
  KEYVEND_KEY_BITS: 'how large a key is that keyvend makes, where the request does not say: `2048`, `3072` or `4096`',
  KEYVEND_SECRET_TAGS:
    'tags of every secret beside keyvend\'s own, as a JSON object: `{"cost-center":"4711"}`. A request\'s own ones come first',
  KEYVEND_READS_KEYS: 'whether this function may read stored keys; those that answer requests may not',
  KEYVEND_LEASE_MS: 'how long an attempt may act',
  KEYVEND_TAKE_OVER_MS: 'how long after that nobody takes over, because clocks differ',
  KEYVEND_HORIZON_MS: 'how long after its lease an attempt is settled once more, because a create may land late',
  KEYVEND_ABSENT_TWICE_MS: 'how far apart two looks are that must both find nothing',
  KEYVEND_MAX_AGE_DAYS: 'a key older than this is rotated automatically, unless its policy says otherwise; 0 for never',
  KEYVEND_AGE_SPREAD: 'the last share of that age over which such rotations are spread',
  KEYVEND_CA_FILE: 'PEM certificates to trust, for local clouds',
  KEYVEND_OVERLAP_DAYS: 'how long the old key stays valid once the new one counts',
  KEYVEND_COVERAGE: 'the share of hosts that must prove the new key before it counts',
  KEYVEND_MAX_PARALLEL_HOSTS: 'how many hosts are edited at once',
  KEYVEND_RECORD_HOST_KEYS: "records a host's key when it is first seen and the policy gives none",
  KEYVEND_GRACE_DAYS: 'how long a retired key pair can be restored',
  KEYVEND_ROTATION_LEASE_MS:
    'how long a worker has a rotation to itself: longer than its function may run. `keyvend serve`: `240000`',
  KEYVEND_ROTATION_QUEUE_URL: 'the queue that wakes the worker',
  KEYVEND_WORKERS_PER_CALLER: "how many workers may be busy with one caller's hosts",
  KEYVEND_HOST_NETWORKS: 'the networks that hosts may be in; empty for none. `npm start`: this machine',
  KEYVEND_HOST_NAMES: 'the names that hosts may have; empty for any',
  KEYVEND_HOST_PORTS: 'the ports that may be connected to. `npm start`: all',
  KEYVEND_MIN_COVERAGE: "the least `coverage` of a policy; empty for half, or the default's where that is less",
  KEYVEND_MIN_OVERLAP_DAYS: 'the shortest `overlapDays`; empty for 1. `npm start`: 0',
  KEYVEND_MAX_OVERLAP_DAYS: 'the longest; empty for 90',
  KEYVEND_LEAST_MAX_AGE_DAYS: 'the least `maxAgeDays`; empty for 1',
  KEYVEND_MOST_MAX_AGE_DAYS: 'the most; empty for any',
  KEYVEND_MOST_PARALLEL_HOSTS: 'the most `maxParallelHosts`; empty for 20',
  KEYVEND_MAY_RECORD_HOST_KEYS: 'whether a policy may switch `recordHostKeys` on; empty for what the default says',
  KEYVEND_HOME: 'the folder of everything that is kept on one machine',
  KEYVEND_UPSTREAM: "the clouds' access keys as JSON: provider, then account",
  KEYVEND_UPSTREAM_PREFIX: 'where they are in AWS Secrets Manager: `<prefix><provider>/<account>`',
  KEYVEND_EVENTS_URL: 'the queue that announcements go to',
  KEYVEND_BUS: 'the event bus that announcements go to',
  KEYVEND_ALIBABA_BUS: 'a bus of Alibaba EventBridge that events are put on',
  KEYVEND_ALIBABA_BUS_REGION: 'its region, such as `cn-hangzhou`',
  KEYVEND_ALIBABA_BUS_ENDPOINT: 'another host than that of EventBridge in this region',
  ALIBABA_CLOUD_ACCESS_KEY_ID: "as Alibaba's own programs read it; a function has its role's",
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: "as Alibaba's own programs read it; a function has its role's",
  ALIBABA_CLOUD_SECURITY_TOKEN: "as Alibaba's own programs read it; a function has its role's",
  KEYVEND_SIGN_IN: 'where people sign in on this machine',
  KEYVEND_QUEUE_KEY: 'what the local queues take: `<id>:<secret>`',
  KEYVEND_TABLE: 'the name of the table',
  KEYVEND_POSTGRES_URL: 'the primary: `postgres://user@host:5432/database`',
  KEYVEND_POSTGRES_PASSWORD_FILE:
    'a file with the password, where it does not stand in the URL; read for each connection',
  KEYVEND_POSTGRES_CA_FILE:
    "PEM certificates that the server's is checked with, instead of Node's own; without it a server on this machine is asked without TLS",
  KEYVEND_POSTGRES_CONNECTIONS:
    'how many connections a process has at most, for the ledger and for the inbox each. `1` where it answers one request at a time: another one takes longer to open than to wait for',
  KEYVEND_POSTGRES_SCHEMA: 'where its tables are, which are made where there are none',
  KEYVEND_POSTGRES_MAY_LOSE:
    '`nothing`, and a server that may forget what it has acknowledged is refused; or `the last writes`, and each failover fences the ledger',
  KEYVEND_LISTEN: 'where requests are answered: `address:port`; `0.0.0.0` for every address of the machine',
  KEYVEND_BASE_PATH: 'what a proxy puts before every path, for the `location` of answers',
  KEYVEND_PORTAL_CLIENT_ID:
    "the portal's client at `KEYVEND_ISSUER`; with it, people have a page under `/portal/` ([portal.md](portal.md))",
  KEYVEND_PORTAL_SCOPE: 'what the page asks the issuer for, where that is more than `openid`',
  KEYVEND_PORTAL_RESOURCE: 'for which resource (RFC 8707), where the issuer wants to know',
  KEYVEND_TLS_CERT_FILE: 'a certificate with its chain, PEM, read anew when it changes; without it there is no TLS',
  KEYVEND_TLS_KEY_FILE: 'its key',
  KEYVEND_METRICS_LISTEN: 'where `/metrics`, `/health` and `/ready` are; empty for nowhere',
  KEYVEND_MOST_REQUESTS: 'how many requests are answered at a time; further ones are told to come again',
  KEYVEND_WORKERS: 'how many messages of each queue are worked on at a time',
  KEYVEND_RECOVERY_SECONDS: 'how often is looked for what was left open and what is due to be rotated',
  KEYVEND_UPSTREAM_DIR:
    "a folder with the clouds' access keys, `<provider>/<account>.json`, in place of `KEYVEND_UPSTREAM`",
  KEYVEND_UPSTREAM_STORED: '`true`: access keys are read from the store as well, where that is a shared one',
  KEYVEND_WEBHOOK_URL: 'where events are sent to; `https`, or this machine. Without it, nowhere',
  KEYVEND_WEBHOOK_SECRET_FILE: 'what they are signed with: `whsec_` and base64, a secret a line, the newest first',
  KEYVEND_WEBHOOK_SECRET: 'on Function Compute: the same, the text itself',
  KEYVEND_FC_PORT: 'where a function listens, as in its `customRuntimeConfig`',
  KEYVEND_FC_TIMEOUT_SECONDS: "the function's own `timeout`, which no call tells it",
  KEYVEND_FC_FUNCTIONS: "what this deployment's functions begin with, where it is not `keyvend-<deployment>-`",
  KEYVEND_FC_ENDPOINT: "another host than the account's own one of Function Compute",
  KEYVEND_ALIBABA_KMS_REGION: 'the region of Alibaba KMS, such as `cn-hangzhou`',
  KEYVEND_ALIBABA_KMS_ENDPOINT: 'another host: `https://kms-vpc.<region>.aliyuncs.com` within a VPC',
  KEYVEND_ALIBABA_KMS_INSTANCE:
    'the KMS instance in which secrets are made, `kst-...`. It is bought; without one KMS takes new secrets of few accounts',
  KEYVEND_ALIBABA_KMS_KEY: 'the symmetric key in that instance under which they are encrypted',
  KEYVEND_KMS_KEY: 'the key of AWS KMS under which secrets are made',
  KEYVEND_KV_ADDRESS: 'the server, OpenBao or Vault: `https://host[:port]`; plain `http` on this machine alone',
  KEYVEND_KV_NAMESPACE: 'its namespace, of the mount and of the login',
  KEYVEND_KV_MOUNT: 'where KV version 2 is mounted',
  KEYVEND_KV_PREFIX: 'the folder in it',
  KEYVEND_KV_CA_FILE: "PEM certificates that the server's is checked with, instead of Node's own",
  KEYVEND_KV_LOGIN: 'how to log in: `approle`, `jwt`, `kubernetes`, or `token` for a file that an agent keeps fresh',
  KEYVEND_KV_LOGIN_MOUNT: 'where that login is mounted, where it is not under its own name',
  KEYVEND_KV_ROLE: 'the role of `jwt` and `kubernetes`',
  KEYVEND_KV_ROLE_ID: 'the role id of `approle`',
  KEYVEND_KV_SECRET_ID_FILE: 'a file with the secret id of `approle`; read for each login',
  KEYVEND_KV_TOKEN_FILE:
    "a file with the token of `token`, or with the JWT that `jwt` and `kubernetes` log in with; read each time. For `kubernetes` the pod's own by default",
  AWS_REGION: "as AWS's own programs read it",
  AWS_ACCESS_KEY_ID: "as AWS's own programs read it",
  AWS_SECRET_ACCESS_KEY: "as AWS's own programs read it",
  AWS_SESSION_TOKEN: "as AWS's own programs read it",
  AWS_ENDPOINT_URL: "another host than those of AWS's services, but for the ones that have a variable of their own",
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: '`true`: all of those variables are ignored',
  AWS_ENDPOINT_URL_DYNAMODB: 'another host than that of DynamoDB',
  AWS_ENDPOINT_URL_SECRETS_MANAGER: 'another host than that of Secrets Manager',
  AWS_ENDPOINT_URL_EVENTBRIDGE: 'another host than that of EventBridge',
  KEYVEND_PASSPHRASE_FILE:
    'a file with a passphrase that the embedded store is sealed with, in place of `secrets.key`; say it at the first start',
  KEYVEND_SEAL_KMS_KEY: 'a key of AWS KMS that wraps what the embedded store is sealed with; say it at the first start',
  AWS_ENDPOINT_URL_KMS: 'another host than that of KMS',
  AWS_ENDPOINT_URL_SQS: 'another host than that of SQS',
  ...perProvider((provider) => [
    variableOf(provider, 'QUOTA'),
    `how many key pairs a region of ${provider} holds; 0 for not known, and then nobody is warned`,
  ]),
  ...perProvider((provider) => [variableOf(provider, 'ENDPOINT'), `another host than that of ${provider}`]),
  ...perProvider((provider) => [
    cloudVariableOf(provider, 'WINDOW_MS'),
    'how long the cloud carries out a request after it was signed',
  ]),
  ...perProvider((provider) => [
    cloudVariableOf(provider, 'STS_ENDPOINT'),
    'another host than that of its token service',
  ]),
  ...perProvider((provider) => [
    cloudVariableOf(provider, 'SCALING_ENDPOINT'),
    'another host than that of its auto scaling',
  ]),
  ...perProvider((provider) => [
    cloudVariableOf(provider, 'REGION_ENDPOINT'),
    'another host than that which lists its regions',
  ]),
};

const combinations = [
  { KEYVEND_PLATFORM: 'fc', KEYVEND_LEDGER: 'postgres', KEYVEND_STORE: 'kms' },
  { KEYVEND_PLATFORM: 'serve', KEYVEND_LEDGER: 'postgres', KEYVEND_STORE: 'kv' },
  { KEYVEND_PLATFORM: 'aws', KEYVEND_LEDGER: 'dynamodb', KEYVEND_STORE: 'secrets-manager' },
  { KEYVEND_PLATFORM: 'local', KEYVEND_LEDGER: 'sqlite', KEYVEND_STORE: 'embedded' },
];

/** @throws {Error} for a variable that has no words here, and for words that belong to none */
export function variableTable(): string {
  const rules = new Map<string, z.ZodMiniType>();
  for (const chosen of combinations)
    for (const [name, rule] of Object.entries<z.ZodMiniType>({
      ...variablesOf(chosen),
      ...rotationConfiguration(chosen.KEYVEND_PLATFORM).shape,
    }))
      rules.set(name, rule);
  const [without, left] = [
    [...rules.keys()].filter((name) => words[name] === undefined),
    Object.keys(words).filter((name) => !rules.has(name)),
  ];
  if (without.length + left.length > 0) throw new Error(`docs/configuration.ts: ${[...without, ...left].join(', ')}`);
  const stage = readFileSync(new URL('../serverless.yml', import.meta.url), 'utf8');
  return [
    '| variable | by default | parameter of a stage | |',
    '|---|---|---|---|',
    ...[...rules]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, rule]) => {
        const parameter = new RegExp(`^ *${name}: \\$\\{param:([a-z-]+)`, 'm').exec(stage)?.[1];
        return `| \`${name}\` | ${usual(rule)} | ${parameter === undefined ? '' : `\`${parameter}\``} | ${words[name]} |`;
      }),
  ].join('\n');
}

function usual(rule: z.ZodMiniType): string {
  const { success, data } = z.safeParse(rule, undefined);
  if (!success) return '**none**: it must be set';
  if (data === undefined) return 'none';
  return data === '' ? 'empty' : `\`${String(data)}\``;
}
