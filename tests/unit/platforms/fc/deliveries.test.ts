import { describe, expect, it } from 'vitest';
import type { InvalidRequest } from '../../../../lib/contract/problem-of.ts';
import { deliveriesIn, REFUSED, refuseInvalid } from '../../../../lib/platforms/fc/deliveries.ts';

const order = { provider: 'ecs', region: 'cn-hangzhou', name: 'web' };
const smq = (messageBody: unknown, more: object = {}) => ({
  ...{ id: 'e1', source: 'MNS-a', type: 'mns:Queue:SendMessage', subject: 'acs:mns:cn-hangzhou:1:queues/a' },
  ...{ specversion: '1.0', data: { messageId: 'm1', messageBody }, ...more },
});
const event = (data: unknown, more: object = {}) => ({
  ...{ id: 'e1', source: 'ci', specversion: '1.0', type: 'keyvend.key-pair.requested', data, ...more },
});
const of = (said: unknown) => deliveriesIn(Buffer.from(typeof said === 'string' ? said : JSON.stringify(said)));
const refusalOf = (body: string): InvalidRequest => {
  try {
    refuseInvalid(body);
  } catch (error) {
    return error as InvalidRequest;
  }
};

describe('what a trigger delivers', () => {
  it.each([
    ['an event of a bus', event(order)],
    ['a message of a queue', [smq(JSON.stringify(order))]],
    ['a message in base64', [smq(Buffer.from(JSON.stringify(order)).toString('base64'))]],
    ['a message that is an object already', [smq(order)]],
    ['a message of a queue by itself', smq(JSON.stringify(order))],
  ])('is filed for its provider: %s', (_, said) => {
    const [delivery] = of(said);
    expect(delivery).toMatchObject({ queue: 'keyvend-ecs', message: { body: JSON.stringify(order) } });
    expect(delivery!.message.group).toBeDefined();
  });

  it('has the same id when it comes again, and another one when something else comes', () => {
    const id = (said: unknown) => of(said)[0]!.message.id;
    expect(id(event(order))).toBe(id(event(order, { time: 'later' })));
    expect(id(event(order))).not.toBe(id(event(order, { id: 'e2' })));
    expect(id(event(order))).not.toBe(id(event(order, { source: 'other' })));
    const again = { id: 'another event around the same message' };
    expect(id([smq(order)])).toBe(id([smq(order, again)]));
    expect(id([smq(order)])).not.toBe(id([smq(order, { subject: 'acs:mns:cn-hangzhou:1:queues/b' })]));
  });

  it('is sent by whichever trigger it came, whatever it says of itself', () => {
    const forged = smq(order, { aliyuneventbusname: 'other', subject: 'acs:mns:cn-hangzhou:1:queues/privileged' });
    expect(of(forged)[0]!.message.sender).toMatchObject({ queue: 'eventbridge', sender: 'eventbridge' });
    expect(of([forged])[0]!.message.sender).toMatchObject({ queue: 'smq', sender: 'smq' });
  });

  it.each([
    ['no JSON', 'no JSON', ['#']],
    ['a number', '7', ['#']],
    ['an event of another type', event(order, { type: 'something.else' }), ['#/type']],
    ['an event without data', event(undefined), ['#/data']],
    ['an order without a name', event({ provider: 'ecs', region: 'cn-hangzhou' }), ['#/data/name']],
    ['a provider that there is not', event({ provider: 'constructor' }), ['#/data/provider']],
    ['a message of another shape', [smq(['a'])], ['#']],
    ['a message without a name', [smq({ provider: 'ecs', region: 'cn-hangzhou' })], ['#/name']],
    ['a message with a field twice', [smq('{"provider":"ens","name":"a","name":"b"}')], ['#']],
    ['an event with a field twice', '{"specversion":"1.0","id":"1","id":"2"}', ['#']],
    ['nothing around a message', [null], ['#']],
    ['a message that is too long', [smq(`{"provider":"${'x'.repeat(300_000)}"}`)], ['#']],
  ])('is put aside with what is wrong with it: %s', (_, said, pointers) => {
    const [delivery] = of(said);
    expect(delivery!.queue).toBe(REFUSED);
    expect(refusalOf(delivery!.message.body).fields.map(({ pointer }) => pointer)).toEqual(pointers);
  });

  it('is taken one by one out of a list as the platform documents it', () => {
    const documented = [smq(JSON.stringify(order)), smq('{}', { data: { messageId: 'm2', messageBody: '{}' } })];
    expect(of(documented).map(({ queue }) => queue)).toEqual(['keyvend-ecs', REFUSED]);
    expect(of([])).toEqual([]);
  });
});
