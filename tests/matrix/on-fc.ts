// What is packaged for Function Compute, on a local one.
import { fromBus, fromSmq } from '../../local/fc/fc-triggers.ts';
import { farHost } from '../doubles/far-host.ts';
import { nameOf, scene } from '../fc/scene.ts';
import { fresh, hostsIn } from './around.ts';
import type { Cell } from './cells.ts';
import { LATER_MS, region, type Subject } from './subject.ts';

export async function onFc({ store }: Cell): Promise<Subject> {
  if (store !== 'kv' && store !== 'kms') throw new TypeError(`nothing is packaged with ${store}`);
  const here = await scene({ store, environment: () => hostsIn(farHost.network), preload: farHost.file });
  await here.later(0, ['rotationworker']);
  const one = (name: Parameters<typeof nameOf>[0], job: string) => here.fc.get(nameOf(name)).invoke(`{"job":"${job}"}`);
  return {
    ...{ clouds: here.clouds, store: here.store, hostAddress: farHost.address },
    ask: async (...words) => here.ask(...words),
    async deliver() {
      const intake = here.fc.get(nameOf('intake'));
      const order = (name: string) => ({ provider: 'ecs', name, region });
      const [bus, queue] = [fresh('from_bus'), fresh('from_queue')];
      const event = { id: bus, source: 'com.example.pipeline', type: 'keyvend.key-pair.requested', data: order(bus) };
      const delivered = [
        await fromBus(intake, event, here.fc.where),
        await fromSmq(intake, [{ id: queue, body: JSON.stringify(order(queue)) }], here.fc.where),
      ];
      if (!delivered.every((one) => one.delivered)) throw new Error('an event was not taken');
      await here.fc.asynchronous.settled();
      return [
        { by: 'EventBridge', name: bus },
        { by: 'SMQ', name: queue },
      ];
    },
    async turn() {
      await one('settle', 'settle');
      await one('due', 'rotation-due');
      await one('rotationworker', 'rotate');
      await here.fc.asynchronous.settled();
    },
    kill: () => here.fc.get(nameOf('ecs')).kill(),
    async again() {
      await here.later(LATER_MS, ['ecs', 'settle', 'due', 'rotationworker']);
      return LATER_MS;
    },
    printed: () => here.fc.printed(),
    stop: () => here.stop(),
  };
}
