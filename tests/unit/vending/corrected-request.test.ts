// Whoever was refused corrects the request and sends it again. Where that has to wait, because a pair may exist all the same, the refusal
// says so, and for how long: else they would take IN_PROGRESS for something else that is going on.
import { describe, expect, it } from 'vitest';
import { deadlineIn } from '../../../lib/clock.ts';
import { type Effect, type FailureCode, failures, VendingError } from '../../../lib/errors.ts';
import { type ProviderName, providerNames } from '../../../lib/provider-table.ts';
import { refusals as cvm } from '../../../lib/providers/cvm/refusals.ts';
import { refusals as ecs } from '../../../lib/providers/ecs/refusals.ts';
import { refusals as ens } from '../../../lib/providers/ens/refusals.ts';
import { Secret } from '../../../lib/secret.ts';
import type { Ports } from '../../../lib/vending/ports.ts';
import type { Request } from '../../../lib/vending/record.ts';
import { vend } from '../../../lib/vending/vend.ts';
import { type World, world } from './world.ts';

const tables = { ens, ecs, cvm };
const ask = ({ identity, clock }: World, ports: Ports, request: Request) =>
  vend(ports, { identity, request, caller: 'portal', deadline: deadlineIn(clock, 29_000) });

/** Every way in which a create is refused. */
const refusedCreates = (provider: ProviderName) =>
  [...new Map([...tables[provider].values()].map((one) => [`${one.failure} ${one.effect}`, one])).values()].map(
    ({ failure, effect }) => [failure, effect] as readonly [FailureCode, Effect],
  );

/** @param change what is odd about the cloud or the store */
function oddly(all: World, change: (ports: Ports) => Partial<Ports>): Ports {
  const ports = all.worker();
  return { ...ports, ...change(ports) };
}

const creating = (all: World, create: (made: () => Promise<unknown>) => Promise<unknown>) =>
  oddly(all, (ports) => ({
    providerFor: async (identity) => {
      const adapter = await ports.providerFor(identity);
      return {
        ...adapter,
        create: (pair, call) => create(() => adapter.create(pair, call)) as ReturnType<typeof adapter.create>,
      };
    },
  }));
const storing = (all: World, code: FailureCode, effect: Effect) =>
  oddly(all, (ports) => ({
    store: {
      ...bound(ports.store),
      put: () => Promise.reject(new VendingError(code, 'The store refused', { effect })),
    },
  }));
/** Nothing that was stored can be taken back either. */
const storeDown = (all: World) =>
  oddly(all, (ports) => {
    const down = () =>
      Promise.reject(new VendingError('STORE_UNAVAILABLE', 'The store is down', { effect: 'unknown' }));
    return { store: { ...bound(ports.store), put: down, remove: down, find: down } };
  });
const bound = <T extends object>(port: T): T =>
  new Proxy(port, { get: (target, name) => Reflect.get(target, name) as unknown });

const ways: readonly (readonly [what: string, (all: World) => Ports])[] = [
  ...(['STORE_REFUSED', 'STORE_UNAVAILABLE', 'SECRET_NOT_OURS', 'VERSION_TAKEN'] as const).flatMap((code) =>
    (['none', 'unknown'] as const).map(
      (effect) => [`${code} (${effect}) of the store`, (all: World) => storing(all, code, effect)] as const,
    ),
  ),
  ['a store that goes down', storeDown],
  [
    'a key that cannot be read',
    (all) => creating(all, async (made) => ({ ...((await made()) as object), privateKey: new Secret('no key') })),
  ],
  [
    'no answer',
    (all) =>
      creating(all, async (made) => {
        await made();
        throw new VendingError('OUTCOME_UNKNOWN', 'No answer', { effect: 'unknown' });
      }),
  ],
];

describe.each(providerNames)('a request on %s that was refused', (provider) => {
  it.each([
    ...refusedCreates(provider).map(
      ([code, effect]) =>
        [
          `${code} (${effect}) of the cloud`,
          (all: World) => creating(all, () => Promise.reject(new VendingError(code, 'The cloud refused', { effect }))),
        ] as const,
    ),
    ...ways,
  ])('with %s says whether its correction has to wait, and for how long', async (_, odd) => {
    const all = world(provider);
    const refused = await ask(all, odd(all), { projectId: 0 }).then(
      () => expect.fail('it was vended'),
      (error: unknown) => error as VendingError,
    );
    const corrected = { projectId: 7 };
    const answer = await ask(all, all.worker(), corrected).then(
      () => undefined,
      (error: unknown) => error as VendingError,
    );
    if (answer === undefined || answer.code !== 'IN_PROGRESS')
      return void expect(refused.message).not.toContain('settled first');
    expect(answer.retryAfterMs).toBeGreaterThan(0);
    expect(refused.retryAfterMs, refused.message).toBeGreaterThanOrEqual(answer.retryAfterMs!);
    if (!failures[refused.code].retry) expect(refused.message).toContain('settled first');
    if (failures[refused.code].retry) return; // it is told again, for as long as it lasts
    all.clock.advance(refused.retryAfterMs!);
    const later = await ask(all, all.worker(), corrected).then(
      () => 'vended',
      ({ code }: VendingError) => code,
    );
    expect(later).not.toBe('IN_PROGRESS');
  });
});
