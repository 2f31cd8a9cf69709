// `keyvend init`: a configuration to begin with, commented. It writes what is not there yet and touches nothing that is.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { shellWord } from './shell-word.ts';

const configuration = `# keyvend as a server of your own: keyvend serve. Each line is a variable of docs/configuration.md: "jwks-uri" is KEYVEND_JWKS_URI,
# and "url" under "postgres" is KEYVEND_POSTGRES_URL. What the environment says counts more than this file. Paths are meant beside it.

# Which keyvend this is: it stands in the tag of every pair and secret. Never change it.
deployment: main

# ---- Who may call ------------------------------------------------------------------------------------------------------------------
# Tokens of this issuer (its "iss"), meant for this audience ("aud"), signed with one of the keys that are published there.
issuer: https://login.example.com/realms/ops
audience: keyvend
jwks-uri: https://login.example.com/realms/ops/protocol/openid-connect/certs
# What each of them may do; check it with: keyvend access check access.yaml
access: access.yaml

# ---- Where it is reached -----------------------------------------------------------------------------------------------------------
# For a proxy on this machine that ends TLS. Without one: listen on 0.0.0.0:443, and give it a certificate.
listen: 127.0.0.1:8080
# tls: { cert-file: tls/fullchain.pem, key-file: tls/privkey.pem }
# base-path: /keyvend                # where the proxy puts something before every path
# portal: { client-id: keyvend-portal }   # people's page under /portal/; docs/portal.md says what the issuer has to know
metrics-listen: 127.0.0.1:9464       # /metrics, /health and /ready, not for the public

# ---- The clouds --------------------------------------------------------------------------------------------------------------------
# Access keys, a file for each account: upstream/ecs/default.json with {"accessKeyId":"...","accessKeySecret":"..."},
# upstream/cvm/default.json with {"secretId":"...","secretKey":"..."}. The smallest rights are in deploy/policies.
upstream-dir: upstream
# upstream-stored: true              # or in a store that is shared, as docs/self-hosting.md says

# ---- Where everything is kept ------------------------------------------------------------------------------------------------------
# One folder, for one machine: the ledger, the queues, and the private keys, sealed with a key in secrets.key. Back it up; who has
# all of it has the keys.
home: keyvend-data
# passphrase-file: passphrase         # seals with a passphrase instead of secrets.key; say it before the first start
# Several machines need a ledger and a store that they share:
# ledger: postgres
# postgres: { url: "postgres://keyvend@db.example.com:5432/keyvend", password-file: postgres-password, ca-file: postgres-ca.pem }
# store: kv
# kv: { address: "https://bao.example.com:8200", mount: secret, login: approle, role-id: "...", secret-id-file: secret-id }
# or, once a KMS instance of Alibaba Cloud is bought: store: kms
# alibaba-kms: { region: cn-hangzhou, instance: kst-..., key: key-... }   # and ALIBABA_CLOUD_ACCESS_KEY_ID, _SECRET in the environment

# ---- Rotation ----------------------------------------------------------------------------------------------------------------------
# The networks that hosts may be in; by default none, and nothing is logged in on.
# host-networks: [10.0.0.0/8]
# max-age-days: 90                   # rotates every key that is older
# overlap-days: 7

# ---- Events ------------------------------------------------------------------------------------------------------------------------
# webhook: { url: "https://hooks.example.com/keyvend", secret-file: webhook-secret }

# log-level: info
`;

const access = `# Who may do what; whatever is not granted here is refused. What the words mean: docs/access.md
version: 1

issuers:
  # Issuer, audience and keys of "default" are those of keyvend.yaml; here it is said what its claims are called.
  default: { client: azp, groups: groups, scopes: scope }

grants:
  - id: operators
    who: { issuer: default, groups: keyvend-operators }
    may: any
    on: { provider: any, account: any, region: any, name: any }

  # One team, and what is called after it. CVM has no hyphens in names.
  - id: team-web
    who: { issuer: default, groups: team-web }
    may: [vend, read, rotate, policy, waive, cancel, retire, restore]
    on: { provider: any, account: [default], region: any, name: ["web-*", "web_*"] }
    limits: { vendsPerMinute: 60, keyPairs: 200 }
`;

/** @param folder made where it is not there @returns whether everything was new */
export function init(folder: string): boolean {
  const at = resolve(folder);
  for (const made of ['', 'upstream/ens', 'upstream/ecs', 'upstream/cvm'])
    mkdirSync(join(at, made), { recursive: true, mode: 0o700 });
  const files = { 'keyvend.yaml': configuration, 'access.yaml': access };
  const kept = Object.entries(files).filter(([name, text]) => !isWritten(join(at, name), text));
  for (const [name] of kept) process.stdout.write(`${join(folder, name)} is there already; it was not touched\n`);
  const where = shellWord(join(folder, 'keyvend.yaml'));
  process.stdout.write(`Edit ${where}, put access keys into ${shellWord(join(folder, 'upstream'))}, then:\n`);
  process.stdout.write(`  keyvend doctor --config ${where}\n  keyvend serve --config ${where}\n`);
  return kept.length === 0;
}

function isWritten(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}
