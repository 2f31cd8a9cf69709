// What every function of the bench finds in its environment, ours and the usual one.
import { OPEN } from '../../lib/access/access-document.ts';
import { providerNames, variableOf } from '../../lib/provider-table.ts';
import type { Clouds } from '../../local/clouds/clouds.ts';
import type { ServedIssuer } from '../../local/stack/issuer.ts';
import type { PostgresServer } from '../../tests/doubles/postgres-server.ts';

interface Around {
  readonly clouds: Clouds;
  readonly database: PostgresServer;
  readonly issuer: ServedIssuer;
  readonly caFile: string;
}

export function environmentOf({ clouds, database, issuer, caFile }: Around): Readonly<Record<string, string>> {
  const { alibaba } = clouds.credentials;
  return {
    ...{ KEYVEND_PLATFORM: 'fc', KEYVEND_LEDGER: 'postgres', KEYVEND_STORE: 'kms', KEYVEND_DEPLOYMENT: 'bench' },
    ...{
      KEYVEND_ACCESS: OPEN,
      KEYVEND_ISSUER: issuer.url,
      KEYVEND_JWKS_URI: issuer.keysUri,
      KEYVEND_AUDIENCE: 'keyvend',
    },
    ...{ KEYVEND_POSTGRES_URL: database.url, KEYVEND_UPSTREAM: JSON.stringify({ ecs: { default: alibaba } }) },
    ...Object.fromEntries(providerNames.map((provider) => [variableOf(provider, 'ENDPOINT'), clouds.tlsEndpoint])),
    ...{ KEYVEND_ALIBABA_KMS_REGION: 'cn-hangzhou', KEYVEND_ALIBABA_KMS_ENDPOINT: clouds.tlsEndpoint },
    ...{ KEYVEND_CA_FILE: caFile, NODE_EXTRA_CA_CERTS: caFile },
    KEYVEND_POSTGRES_CONNECTIONS: '1', // as deploy/fc/s.yaml has it
    // The official clients have the function's key from there; keyvend takes it from each call.
    ALIBABA_CLOUD_ACCESS_KEY_ID: alibaba.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: alibaba.accessKeySecret,
  };
}
