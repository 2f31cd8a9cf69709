import { describe, expect, it } from 'vitest';
import { queueSender } from '../../../lib/access/principal.ts';
import type { Runtime } from '../../../lib/application/runtime.ts';
import { vending } from '../../../lib/application/vend-endpoint.ts';
import { type ProviderName, providerNames } from '../../../lib/provider-table.ts';

/** Nothing can be carried out with it: a message that gets that far fails the test. */
const nothing = {} as Runtime;
const connect = Object.assign(() => undefined, { early: () => expect.fail('nothing is connected to') });
const message = (provider: ProviderName, body: unknown) =>
  vending(nothing, provider, connect).message(
    { id: 'm', body: JSON.stringify(body), sender: queueSender('q', 'AIDA') },
    28_000,
  );

describe.each(providerNames)('the queue of %s', (provider) => {
  it.each([{}, { name: 'web' }, { provider: 'gcp' }, { provider: 'constructor' }, { provider: [provider] }])(
    'refuses a message that names no provider, and names the field: %j',
    async (body) => {
      await expect(message(provider, body)).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
        fields: [{ pointer: '#/provider' }],
      });
    },
  );

  it.each(providerNames.filter((other) => other !== provider))(
    'refuses a message for %s, and says that it is for another provider',
    async (other) => {
      const refused = message(provider, { provider: other, name: 'web' });
      await expect(refused).rejects.toMatchObject({ code: 'INVALID_REQUEST', message: /^The message is for another/ });
    },
  );

  it('refuses a message that has an unknown field, and names the field', async () => {
    const place = { region: 'cn-hangzhou', projectId: 0 };
    const refused = message(provider, { provider, name: 'web', ...place, colour: 'red' });
    await expect(refused).rejects.toMatchObject({
      fields: expect.arrayContaining([{ pointer: '#/colour', detail: expect.any(String) }]),
    });
  });
});
