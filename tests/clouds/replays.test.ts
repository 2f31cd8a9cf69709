// The very bytes an official SDK sent, sent a second time.
import Ecs from '@alicloud/ecs20140526';
import { describe, expect, it } from 'vitest';
import type { Clouds } from '../../local/clouds/clouds.ts';
import { SeenOnce } from '../../local/clouds/signatures/seen-once.ts';
import { recorder, sendBytes } from './support/recorder.ts';
import { cvmClient, ecsClient, rpcCall } from './support/sdks.ts';
import { started } from './support/started.ts';

type Ask = (via: { port: number }, clouds: Clouds) => Promise<unknown>;
const ecs = (via: { port: number }, { credentials }: Clouds, algorithm?: 'v2') =>
  ecsClient(via, credentials.alibaba, algorithm).createKeyPair(
    new Ecs.CreateKeyPairRequest({ regionId: 'cn-hangzhou', keyPairName: 'once' }),
  );
const cvm =
  (signMethod: 'HmacSHA1' | 'HmacSHA256' | 'TC3-HMAC-SHA256', reqMethod: 'GET' | 'POST'): Ask =>
  (via, { credentials }) =>
    cvmClient(via, credentials.tencent, { signMethod, reqMethod }).CreateKeyPair({ KeyName: 'once', ProjectId: 0 });

/** Its request again, whatever the connection had carried: each client opens one and uses it once. */
async function twice(ask: Ask, clouds: Clouds, between?: () => void): Promise<string> {
  const via = recorder(clouds.port);
  await ask(via, clouds);
  const [bytes] = via.sent();
  between?.();
  return sendBytes(clouds.port, bytes!);
}

describe('a captured request that is sent again', () => {
  it.each<[string, Ask, string]>([
    ['ACS3', (via, clouds) => ecs(via, clouds), 'SignatureNonceUsed'],
    ['RPC v1 from the ECS SDK', (via, clouds) => ecs(via, clouds, 'v2'), 'SignatureNonceUsed'],
    [
      'RPC v1 from rpc-client',
      (via, { credentials }) => rpcCall(via, credentials.alibaba)('CreateKeyPair', { KeyPairName: 'once' }),
      'SignatureNonceUsed',
    ],
    ['HmacSHA1, POST', cvm('HmacSHA1', 'POST'), 'AuthFailure.SignatureFailure'],
    ['HmacSHA1, GET', cvm('HmacSHA1', 'GET'), 'AuthFailure.SignatureFailure'],
    ['HmacSHA256, POST', cvm('HmacSHA256', 'POST'), 'AuthFailure.SignatureFailure'],
  ])('is refused when it was signed with %s', async (_name, ask, code) => {
    const clouds = await started();
    expect(await twice(ask, clouds)).toContain(`"${code}"`);
    expect(clouds.admin.pairs()).toHaveLength(1);
  });

  it.each(['POST', 'GET'] as const)(
    'is answered when it was a %s signed with TC3, which signs nothing that occurs only once',
    async (method) => {
      const clouds = await started();
      // Verified again, and refused only because the name is taken now.
      expect(await twice(cvm('TC3-HMAC-SHA256', method), clouds)).toContain('"InvalidKeyPairName.Duplicate"');
    },
  );

  it('is too old once the window is over, so that nothing has to be remembered for longer', async () => {
    const clouds = await started();
    const answer = await twice(
      (via) => ecs(via, clouds),
      clouds,
      () => clouds.admin.advanceClock(31 * 60_000),
    );
    expect(answer).toContain('"InvalidTimeStamp.Expired"');
  });
});

describe('the memory of earlier requests', () => {
  it('forgets what could not be verified any more', () => {
    const seen = new SeenOnce();
    for (let second = 0; second < 1000; second += 1) {
      expect(seen.repeated(`nonce ${second}`, second * 1000, 60_000)).toBe(false);
    }
    expect(seen.size).toBeLessThanOrEqual(61);
    expect(seen.repeated('nonce 999', 999_000, 60_000)).toBe(true);
    expect(seen.repeated('nonce 945', 999_000, 60_000)).toBe(true);
  });
});
