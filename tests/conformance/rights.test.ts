// What `keyvend doctor` asks a cloud to learn what an access key may do, of clouds that stand in: everything that is there is listed
// before and after, whatever the cloud answers, and each right is withheld once.
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { type ProviderName, providerNames, rowOf } from '../../lib/provider-table.ts';
import { type Asks, rightsConnectionOf, type Told, toldBy } from '../../lib/providers/connect-rights.ts';
import { type Action, actionsOf } from '../../lib/providers/rights.ts';
import { createTransport } from '../../lib/transport/transport.ts';
import type { Credential } from '../../local/clouds/accounts/credentials.ts';
import type { Clouds } from '../../local/clouds/clouds.ts';
import { type Behaviour, switches } from '../../local/clouds/settings/behaviour.ts';
import { started } from '../clouds/support/started.ts';

const cloudOf = (provider: ProviderName) => rowOf(provider).credentials;
const ACCOUNTS = { alibaba: '1000000000000001', tencent: '100000000001' } as const;

/** One that is denied what the list names when it is asked. */
const credential = (provider: ProviderName, denied: readonly string[]): Credential => ({
  ...{ cloud: cloudOf(provider), keyId: 'of-a-test', secret: 'of-a-test', account: ACCOUNTS[cloudOf(provider)] },
  ...{ active: true, permitted: true, denied },
});

async function asks(clouds: Clouds, provider: ProviderName) {
  const key =
    cloudOf(provider) === 'alibaba'
      ? { accessKeyId: 'of-a-test', accessKeySecret: 'of-a-test' }
      : { secretId: 'of-a-test', secretKey: 'of-a-test' };
  const hosts = {
    endpoint: clouds.tlsEndpoint,
    identityEndpoint: clouds.tlsEndpoint,
    regionEndpoint: clouds.tlsEndpoint,
  };
  const transport = createTransport({ clock: systemClock, ca: clouds.ca });
  const connect = await rightsConnectionOf(provider);
  return connect(key, { transport, ...hosts, scalingEndpoint: clouds.tlsEndpoint })!;
}

const answer = (asked: Asks[Action]): Promise<Told> =>
  asked!({ timeoutMs: 5_000 }).then(() => toldBy(undefined), toldBy);

const ask = async (clouds: Clouds, provider: ProviderName, action: Action): Promise<Told> =>
  answer((await asks(clouds, provider))[action]);

async function told(clouds: Clouds, provider: ProviderName): Promise<Map<Action, Told>> {
  const answers = new Map<Action, Told>();
  for (const [action, asked] of Object.entries(await asks(clouds, provider)) as [Action, Asks[Action]][])
    answers.set(action, await answer(asked));
  return answers;
}

/** One of each kind, in the regions that are asked. */
async function furnished(clouds: Clouds): Promise<void> {
  const places = { ens: {}, ecs: { region: 'cn-hangzhou' }, cvm: { region: 'ap-guangzhou' } };
  for (const service of providerNames) {
    await clouds.admin.addStranger({ service, name: 'web_1', ...places[service] });
    for (const state of ['Running', 'Stopped'] as const)
      await clouds.admin.fleet.addInstance({ service, state, keyPair: 'web_1', ...places[service] });
    if (service === 'ens') continue;
    await clouds.admin.fleet.addTemplate({ service, name: 'template', data: [{}, {}], ...places[service] });
    await clouds.admin.fleet.addConfiguration({ service, name: 'configuration', ...places[service] });
  }
}

const everything = ({ admin }: Clouds): string => {
  const { fleet } = admin;
  return JSON.stringify([admin.pairs(), fleet.instances(), fleet.templates(), fleet.configurations()]);
};

/** Each value of each switch that can decide what becomes of a request, one at a time. */
const moods = Object.entries(switches)
  .filter(([name]) => !/keyBits|privateKeyFormat|fingerprint|^(?:kms|eventbridge|smq)\./.test(name))
  .flatMap(([name, { allowed }]) =>
    allowed.includes('|') ? allowed.split(' | ').map((value) => [name, value] as const) : [],
  )
  .map(([name, value]) => ({
    [name]: /^\d+$/.test(value) ? Number(value) : ({ true: true, false: false }[value] ?? value),
  }));

describe.each(providerNames)('what an access key may do on %s', (provider) => {
  const all = actionsOf(provider, 'everything');

  it('is asked of each action that has a row', async () => {
    expect(Object.keys(await asks(await started(), provider)).sort()).toEqual([...all].sort());
  });

  it('is asked without making, changing or deleting anything, whatever the cloud is like', async () => {
    const clouds = await started({ credentials: [credential(provider, [])] });
    await furnished(clouds);
    const before = everything(clouds);
    for (const mood of moods) {
      clouds.admin.setBehaviour(mood as Partial<Behaviour>);
      const answers = await told(clouds, provider);
      expect([mood, everything(clouds)]).toEqual([mood, before]);
      expect([mood, [...answers.values()].filter((one) => one !== 'may' && one !== 'untold')]).toEqual([mood, []]);
    }
  });

  it('is told for each right that is withheld, by a cloud that looks at rights first', async () => {
    for (const action of all) {
      const clouds = await started({ credentials: [credential(provider, [action])] });
      const others = all.filter((one) => one !== action);
      expect([action, await ask(clouds, provider, action)]).toEqual([action, 'may not']);
      const [other] = others;
      expect(await ask(clouds, provider, other!)).not.toBe('may not');
      await clouds.close();
    }
  });

  it('is claimed of nothing that is withheld, by a cloud that looks at parameters first', async () => {
    const clouds = await started({
      behaviour: { 'order.first': 'parameters' },
      credentials: [credential(provider, all)],
    });
    const answers = await told(clouds, provider);
    expect([...new Set(answers.values())].sort()).toEqual(['may not', 'untold']);
    expect(answers.get(all.find((action) => action.endsWith('DescribeKeyPairs'))!)).toBe('may not');
  });

  it('is unknown while there is no answer', async () => {
    const clouds = await started({ credentials: [credential(provider, [])] });
    clouds.admin.addFault({ match: { service: provider }, times: 'always', fault: { kind: 'throttle' } });
    const answers = await told(clouds, provider);
    answers.delete('sts:GetCallerIdentity'); // is not faulted with a service
    expect([...new Set(answers.values())]).toEqual(['unknown']);
  });
});
