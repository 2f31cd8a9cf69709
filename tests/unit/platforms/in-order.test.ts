import { expect, it } from 'vitest';
import { noticeEvent } from '../../../lib/contract/make-event.ts';
import { withEarlier } from '../../../lib/platforms/in-order.ts';
import type { Notice } from '../../../lib/vending/notice.ts';
import type { Ports } from '../../../lib/vending/ports.ts';

const identity = { provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'web' } as const;
const notice = (id: string, atMs: number): Notice => ({ id, type: 'policy-changed', atMs, about: {} });
const event = (one: Notice) => noticeEvent('main', identity, one);
const holding = (notices: readonly Notice[]) => async () =>
  ({ read: async () => ({ record: { notices }, revision: 1 }) }) as unknown as Pick<Ports['ledger'], 'read'>;

it('tells what happened before first, and nothing that happened later', async () => {
  const [first, second, third] = [notice('a', 1_000), notice('b', 2_000), notice('c', 3_000)];
  const all = holding([first, second, third]);
  expect(await withEarlier(event(second), 'main', all)).toEqual([event(first), event(second)]);
  expect(await withEarlier(event(first), 'main', all)).toEqual([event(first)]);
});

it('tells nothing before what is about no key pair, and asks for nothing', async () => {
  const refused = { ...event(notice('a', 1_000)), subject: undefined } as never;
  const { subject: _, ...without } = refused as { subject?: string };
  const nobody = () => Promise.reject(new Error('asked'));
  expect(await withEarlier(without as never, 'main', nobody)).toEqual([without]);
});
