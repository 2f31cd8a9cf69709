// Every key pair that the clouds have, as the unmodified official clients list them.
import { readFileSync } from 'node:fs';
import { DescribeKeyPairsRequest } from '@alicloud/ecs20140526';
import { cvmClient, ecsClient, openApiCall } from '../../tests/clouds/support/sdks.ts';

export interface Listed {
  readonly key: string;
  /** Where the service tells it. */
  readonly publicKey?: string;
  readonly fingerprint?: string;
}

/** @param file as `npm run clouds -- --json` prints it @returns by `provider/name` */
export async function listed(file: string): Promise<readonly Listed[]> {
  const { endpoint, alibaba, tencent } = JSON.parse(readFileSync(file, 'utf8'));
  const clouds = { port: Number(new URL(endpoint).port) };
  const ens = openApiCall(clouds, alibaba);
  const ecs = ecsClient(clouds, alibaba);
  const cvm = cvmClient(clouds, tencent);
  return [
    ...(await pages(async (number) => {
      const answer = await ens('DescribeKeyPairs', { PageNumber: String(number), PageSize: '50' });
      const rows = (answer.KeyPairs as unknown as { KeyPair: Record<string, string>[] }).KeyPair;
      return rows.map((row) => ({ key: `ens/${row.KeyPairName}`, ...fingerprintOf(row.KeyPairFingerPrint) }));
    })),
    ...(await pages(async (pageNumber) => {
      const page = { regionId: 'cn-hangzhou', includePublicKey: true, pageNumber, pageSize: 50 };
      const { body } = await ecs.describeKeyPairs(new DescribeKeyPairsRequest(page));
      return (body?.keyPairs?.keyPair ?? []).map((row) => ({
        key: `ecs/${row.keyPairName}`,
        ...(row.publicKey === undefined ? {} : { publicKey: row.publicKey }),
      }));
    })),
    ...(await pages(async (number) => {
      const { KeyPairSet = [] } = await cvm.DescribeKeyPairs({ Offset: (number - 1) * 100, Limit: 100 });
      return KeyPairSet.map(({ KeyName, PublicKey }) => ({ key: `cvm/${KeyName}`, publicKey: String(PublicKey) }));
    })),
  ];
}

const fingerprintOf = (fingerprint: string | undefined) => (fingerprint === undefined ? {} : { fingerprint });

async function pages(read: (number: number) => Promise<Listed[]>): Promise<Listed[]> {
  const all: Listed[] = [];
  for (let number = 1; ; number += 1) {
    const page = await read(number);
    all.push(...page);
    if (page.length === 0) return all;
  }
}
