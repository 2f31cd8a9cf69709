// Every option there is, once: what it is called, whether it takes a value, and what it means.

export interface OptionRow {
  /** As commander reads it: `--out <file>`. */
  readonly flags: string;
  readonly says: string;
  /** It may be given several times. */
  readonly many?: true;
}

export const options = {
  url: { flags: '--url <url>', says: 'address of a deployment' },
  tokenFile: { flags: '--token-file <file>', says: 'a file with a token for it, in place of signing in' },
  provider: { flags: '--provider <provider>', says: 'ens, ecs or cvm' },
  region: { flags: '--region <region>', says: 'region of the cloud; needed for ecs and cvm' },
  account: { flags: '--account <alias>', says: 'alias of the cloud account; "default" unless it is given' },
  config: { flags: '--config <file>', says: 'configuration of a server; keyvend.yaml here unless it is given' },
  json: { flags: '--json', says: 'print JSON' },
  out: { flags: '--out <file>', says: 'write to a new file that only you can read' },
  agent: { flags: '--agent', says: 'give the key to the ssh-agent that runs here' },
  lifetime: { flags: '--lifetime <time>', says: 'how long the agent keeps it: 90, 15m, 1h (usual), 2d' },
  where: { flags: '--where', says: 'print where the store has the key, and read nothing' },
  // What a key can be printed in differs, so these are two rows of one name.
  keyForm: {
    flags: '--format <key-form>',
    says: 'in the form openssh, pem (RSA alone), pkcs8 or ppk (PuTTY); as it is stored unless it is given',
  },
  publicKey: { flags: '--public-key', says: 'print the public key that counts, and nothing else' },
  publicKeyForm: {
    flags: '--format <public-key-form>',
    says: 'in the form openssh (usual), rfc4716, spki (PEM) or jwk',
  },
  id: { flags: '--id <id>', says: 'id of a rotation; the latest one unless it is given' },
  until: { flags: '--until <until>', says: 'promoted (usual), old-key-removed or purged' },
  timeout: { flags: '--timeout <seconds>', says: 'how long to wait; for as long as it takes unless it is given' },
  host: {
    flags: '--host <user@host:port>',
    says: 'a host as the rotation lists it; may be given several times',
    many: true,
  },
  tag: { flags: '--tag <key=value>', says: 'a tag at the cloud (ecs, cvm); may be given several times', many: true },
  keySource: {
    flags: '--key-source <key-source>',
    says: 'who makes the key: create (the cloud) or import (keyvend, which stores it first); as the deployment says unless it is given',
  },
  keyBits: { flags: '--key-bits <bits>', says: 'of a key that keyvend makes: 2048, 3072 or 4096' },
  ownKey: {
    flags: '--own-key <file>',
    says: 'a public key of your own (RSA), in place of a key that is made: nobody but you has its private half',
  },
  pairKey: { flags: '--key <file>', says: "the pair's private key, in any form without a passphrase" },
  pairPublicKey: { flags: '--public-key-file <file>', says: "the pair's public key, where the cloud does not show it" },
  keyless: { flags: '--keyless', says: 'without its private key, because nobody has it' },
  dryRun: { flags: '--dry-run', says: 'look and prove, and change nothing' },
  resourceGroup: { flags: '--resource-group <id>', says: 'resource group of the pair (ecs)' },
  project: { flags: '--project <id>', says: 'project of the pair (cvm); 0, the default one, unless it is given' },
  secretTag: {
    flags: '--secret-tag <key=value>',
    says: 'a tag of the secret, where the store has tags; may be given several times',
    many: true,
  },
  secretKey: {
    flags: '--secret-key <key>',
    says: 'id, ARN or alias of the key that the secret is encrypted with, where the grant lists it',
  },
  idempotencyKey: {
    flags: '--idempotency-key <key>',
    says: 'one of your own, to have the same request answered alike',
  },
  name: { flags: '--name <prefix>', says: 'only names that begin so' },
  requestedBy: { flags: '--requested-by <caller>', says: 'only what this caller requested' },
  sort: { flags: '--sort <sort>', says: 'name, requestedAt, -requestedAt (the newest first) or nextAgeRotationAt' },
  limit: { flags: '--limit <number>', says: 'at most so many' },
  force: { flags: '--force', says: 'also while instances have it; it is purged once they let it go' },
  device: { flags: '--device', says: 'sign in with a browser elsewhere, by a code' },
  issuer: { flags: '--issuer <url>', says: 'where to sign in; as the deployment says unless it is given' },
  clientId: {
    flags: '--client-id <id>',
    says: 'what this command line is registered as there; keyvend-cli unless it is given',
  },
  scope: { flags: '--scope <scopes>', says: 'what to ask for, in one word of the shell' },
  resource: { flags: '--resource <uri>', says: 'what the token is for, where the issuer wants to be told' },
  print: { flags: '--print', says: 'print the address and open nothing' },
  fix: { flags: '--fix', says: "settle what is provably keyvend's" },
  queue: { flags: '--queue <queue>', says: 'only messages of this queue' },
  state: { flags: '--state <state>', says: 'only what is in this state' },
  as: { flags: '--as <file>', says: "a token's claims as a JSON object" },
  anchors: { flags: '--anchors <file>', says: 'entries that were kept elsewhere, one of JSON a line' },
} as const satisfies Readonly<Record<string, OptionRow>>;
