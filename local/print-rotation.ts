// `keyvend rotate`: asks for a rotation, as a request over HTTP does. The worker that is running carries it out.
import { locationOf } from '../lib/contract/location.ts';
import type { Identity } from '../lib/identity.ts';
import { runHere } from './run-here.ts';

/** Runs with the environment it finds, or, where that names no platform, with that of `npm start` on this machine. */
export async function printRotation(identity: Identity): Promise<void> {
  runHere();
  const { records } = await import('../lib/platforms/records.ts'); // reads its configuration when it is loaded
  const { forRotation } = await import('../lib/platforms/for-rotation.ts');
  const { commandPorts } = await import('../lib/application/runtime.ts');
  const { requestRotation } = await import('../lib/vending/rotation/rotation-commands.ts');
  const { id, state } = await requestRotation(
    await commandPorts({ ...records, ...forRotation }, { door: 'command-line', who: 'operator' }),
    identity,
    {
      caller: 'command line',
    },
  );
  const woken = await forRotation.wake(identity).then(
    () => 'the worker was told',
    () => 'the worker was not reached; its schedule finds the rotation within a minute',
  );
  process.stdout.write(
    `rotation ${id}: ${state}; ${woken}\nsee its state: GET ${locationOf(identity, `/rotations/${id}`)}\n`,
  );
}
