// `npm run demo`: the three clouds on this machine, and one key pair on each: made, checked, found again, removed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../lib/clock.ts';
import { providers } from '../lib/providers/index.ts';
import type { KeyPairProvider, NewPair } from '../lib/providers/provider.ts';
import { createTransport } from '../lib/providers/transport.ts';
import { Secret } from '../lib/secret.ts';
import { fingerprintEvidence } from '../lib/ssh/evidence.ts';
import { parsePrivateKey } from '../lib/ssh/private-key.ts';
import { startClouds } from './clouds/clouds.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);
const call = { timeoutMs: 10_000 };

const clouds = await startClouds();
const transport = createTransport({ clock: systemClock, ca: clouds.ca });
const { accessKeyId, accessKeySecret } = clouds.credentials.alibaba;
const { secretId, secretKey } = clouds.credentials.tencent;
const shared = { transport, endpoint: clouds.tlsEndpoint };
const alibaba = {
  ...shared,
  credentials: async () => ({ accessKeyId, accessKeySecret: new Secret(accessKeySecret) }),
};
const tencent = { ...shared, credentials: async () => ({ secretId, secretKey: new Secret(secretKey) }) };

say(`local clouds at ${clouds.tlsEndpoint}, signatures verified`);
await show(providers.ens(alibaba), { region: 'global', name: 'edge-gateway' });
await show(providers.ecs(alibaba), { region: 'cn-hangzhou', name: 'web:prod', tags: { team: 'platform' } });
await show(providers.cvm(tencent), { region: 'ap-tokyo', name: 'web_prod', projectId: 0 });
transport.close();
await clouds.close();

async function show(provider: KeyPairProvider, pair: NewPair): Promise<void> {
  const made = await provider.create(pair, call);
  const key = parsePrivateKey(made.privateKey);
  const { pairs } = await provider.find(pair, call);
  const removed = await provider.remove({ ...pair, id: made.id }, call);
  say('');
  say(`${provider.provider}  ${made.name}  ${made.id}`);
  say(`  fingerprint  ${made.fingerprint} (${fingerprintEvidence(made.fingerprint, key)} with the key)`);
  say(`  private key  ${key.type}, ${key.bits} bits, printed as ${made.privateKey}`);
  say(`  ssh-keygen   ${askSshKeygen(key.privateKey)}`);
  say(`  found again  ${pairs.length === 1 ? 'yes' : 'no'}, then ${removed}`);
}

/** What the real `ssh-keygen -l` says of the key. */
function askSshKeygen(privateKey: Secret): string {
  const folder = mkdtempSync(join(tmpdir(), 'keyvend-demo-'));
  try {
    const file = join(folder, 'key');
    writeFileSync(file, privateKey.reveal(), { mode: 0o600 });
    const { status, stdout, error } = spawnSync('ssh-keygen', ['-l', '-E', 'md5', '-f', file], { encoding: 'utf8' });
    return error ? 'not installed here' : status === 0 ? stdout.trim() : `refuses it (status ${status})`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
