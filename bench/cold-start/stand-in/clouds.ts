// The three clouds' key-pair services. One RSA pair, made at the start, is every pair: making one takes longer than a whole vend.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { fingerprints } from '../../../lib/ssh/fingerprint.ts';
import { publicKeyLine } from '../../../lib/ssh/public-key.ts';
import type { Answering } from './asked.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PrivateKey = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const PublicKey = publicKeyLine(privateKey);
const KeyPairFingerPrint = fingerprints(PublicKey).md5;

/** ENS and ECS answer in the same shapes; only ECS shows the public key. */
function alibaba(shown: object): Answering {
  const made = new Map<string, object>();
  return ({ action, query }) => {
    const KeyPairName = query.get('KeyPairName') ?? '';
    const RequestId = randomUUID().toUpperCase();
    if (action === 'CreateKeyPair') {
      const pair = { KeyPairName, KeyPairId: `ssh-${RequestId.slice(-12).toLowerCase()}`, KeyPairFingerPrint };
      const CreationTime = new Date().toISOString().replace(/\.\d+/, '');
      made.set(KeyPairName, { ...pair, CreationTime, ...shown });
      return { ...pair, PrivateKeyBody: PrivateKey, RequestId };
    }
    if (action === 'GetCallerIdentity') return { AccountId: '1', RequestId };
    if (action === 'DescribeInstances') return { Instances: { Instance: [] }, TotalCount: 0, NextToken: '', RequestId };
    if (action !== 'DescribeKeyPairs') return undefined;
    const pair = made.get(KeyPairName);
    const KeyPair = pair === undefined ? [] : [pair];
    return { KeyPairs: { KeyPair }, TotalCount: KeyPair.length, PageNumber: 1, PageSize: 50, RequestId };
  };
}

export const ens = () => alibaba({});
export const ecs = () => alibaba({ PublicKey, ResourceGroupId: '', Tags: { Tag: [] } });

export const cvm = (): Answering => {
  return ({ action, fields: { KeyName, ProjectId } }) => {
    if (action === 'GetCallerIdentity') return { Response: { AccountId: '1', RequestId: randomUUID() } };
    if (action !== 'CreateKeyPair') return undefined; // it returns the public key at once, so no second look is needed
    const RequestId = randomUUID();
    const KeyPair = { KeyId: `skey-${RequestId.slice(0, 8)}`, KeyName, ProjectId, PublicKey, PrivateKey };
    return { Response: { KeyPair, RequestId } };
  };
};
