import { describe, expect, it } from 'vitest';
import { cachedKeys, connected } from '../../../lib/platforms/cloud-access.ts';
import { providerNames } from '../../../lib/provider-table.ts';
import { connectionOf } from '../../../lib/providers/connect.ts';
import { Secret } from '../../../lib/secret.ts';
import type { Transport } from '../../../lib/transport/wire.ts';
import { AccountPins } from '../../../lib/vending/account-pin.ts';
import { memoryLedger } from '../../doubles/memory-ledger.ts';
import { testClock } from '../../doubles/test-clock.ts';

const identity = { provider: 'ens', account: 'default', region: 'global', name: 'web' } as const;
const clock = testClock();
const providerFor = (stored: string | undefined) =>
  connected(
    connectionOf,
    {},
    {
      transport: {} as Transport,
      keyOf: cachedKeys(async () => (stored === undefined ? undefined : new Secret(stored)), clock),
    },
    new AccountPins(memoryLedger({ clock }), clock, { callTimeoutMs: 3_000 }),
  );

describe('the access key that is stored for an account', () => {
  it.each([
    ['missing', undefined, 'ACCOUNT_UNKNOWN'],
    ['not JSON', 'LTAI-key p4ssw0rd', 'CREDENTIALS_REFUSED'],
    ['JSON of another shape', '{"key":"p4ssw0rd"}', 'CREDENTIALS_REFUSED'],
    ['a list', '["p4ssw0rd"]', 'CREDENTIALS_REFUSED'],
  ])('is reported without a word of its content when it is %s', async (_, stored, code) => {
    const failure: Error = await providerFor(stored)(identity).then(
      () => Promise.reject(new Error('taken')),
      (error) => error,
    );
    expect(failure).toMatchObject({ name: 'VendingError', code });
    expect(`${failure.stack} ${failure.message}`).not.toContain('p4ssw0rd');
  });

  const halves = {
    ens: ['accessKeyId', 'accessKeySecret', 'securityToken'],
    ecs: ['accessKeyId', 'accessKeySecret', 'securityToken'],
    cvm: ['secretId', 'secretKey', 'token'],
  } as const;
  const odd = ['\n', '\r\n', ' ', '\t', '\u0000', '\u00a0', '\u200b', '\ufeff', '\u007f', 'é', 'ａ', '😀'];
  it.each(providerNames.flatMap((provider) => halves[provider].map((field) => ({ provider, field }))))(
    'is refused for $provider before anything is sent when its $field has a character that no access key has',
    async ({ provider, field }) => {
      const good = Object.fromEntries(halves[provider].map((name) => [name, 'p4ssw0rd']));
      expect((await providerFor(JSON.stringify(good))({ ...identity, provider })).provider).toBe(provider);
      for (const character of odd)
        for (const value of [`p4ssw0rd${character}`, `${character}p4ssw0rd`, `p4ss${character}w0rd`, character, '']) {
          const stored = JSON.stringify({ ...good, [field]: value });
          const failure = await providerFor(stored)({ ...identity, provider }).catch((error: Error) => error);
          expect(failure, JSON.stringify(value)).toMatchObject({ code: 'CREDENTIALS_REFUSED', effect: 'none' });
        }
    },
  );

  it('makes an adapter of its provider', async () => {
    const provider = await providerFor('{"accessKeyId":"id","accessKeySecret":"secret"}')(identity);
    expect(provider.provider).toBe('ens');
  });
});
