// `keyvend rotate` and `keyvend rotation`: the commands of a rotation as a request over HTTP gives them, and what there is to see of
// one. The worker that is running does the rest.
import { randomUUID } from 'node:crypto';
import { assertConfiguration } from '../lib/application/one-configuration.ts';
import { systemClock, wait } from '../lib/clock.ts';
import { locationOf } from '../lib/contract/location.ts';
import { VendingError } from '../lib/errors.ts';
import type { Identity } from '../lib/identity.ts';
import type { KeyPairRecord } from '../lib/vending/record.ts';
import type { Rotation } from '../lib/vending/rotation/rotation-record.ts';
import type { Goal } from './commands/command.ts';
import type { ExitCode } from './exit-codes.ts';
import { span } from './moments.ts';
import { progress } from './progress.ts';
import { rotationLines } from './rotation-lines.ts';
import { rotationReport } from './rotation-report.ts';
import { runHere } from './run-here.ts';
import { waitForRotation } from './wait-for-rotation.ts';

/** With the environment that it finds, or, where that names no platform, with that of `npm start` on this machine. */
async function here() {
  runHere();
  const { records } = await import('../lib/platforms/records.ts'); // reads its configuration when it is loaded
  const { forRotation } = await import('../lib/platforms/for-rotation.ts');
  const { commandPorts } = await import('../lib/application/runtime.ts');
  const commands = await import('../lib/vending/rotation/rotation-commands.ts');
  await assertConfiguration(await records.ledger(), systemClock, forRotation.own());
  const ports = await commandPorts({ ...records, ...forRotation }, { door: 'command-line', who: 'operator' });
  const woken = (identity: Identity): Promise<string> =>
    forRotation.wake(identity).then(
      () => 'the worker was told',
      () => 'the worker was not reached; its schedule finds the rotation within a minute',
    );
  return { ...commands, ports, woken, defaults: forRotation.rotation.defaults };
}

export interface Chosen {
  readonly identity: Identity;
  /** The latest one where it is absent. */
  readonly id: string | undefined;
}

/** @throws {VendingError} KEY_PAIR_ABSENT, ROTATION_ABSENT */
function rotationIn(record: KeyPairRecord | undefined, id: string | undefined): Rotation {
  if (record === undefined || record.successorOf !== undefined)
    throw new VendingError('KEY_PAIR_ABSENT', 'No key pair of that name is in use here');
  const { rotations = [] } = record;
  const found = id === undefined ? rotations.at(-1) : rotations.find((rotation) => rotation.id === id);
  if (found === undefined) throw new VendingError('ROTATION_ABSENT', 'No such rotation of this key pair is on record');
  return found;
}

async function chosen({ identity, id }: Chosen) {
  const all = await here();
  const record = (await all.ports.ledger.read(identity))?.record;
  return { ...all, record: record!, rotation: rotationIn(record, id) };
}

const print = (...lines: readonly string[]) => void process.stdout.write(lines.map((line) => `${line}\n`).join(''));

/** What to type for the same key pair. */
const follow = ({ provider, account, region, name }: Identity): string =>
  [
    `see how it goes: npx keyvend rotation show ${provider} ${name}`,
    ...(region === 'global' ? [] : [`--region ${region}`]),
    ...(account === 'default' ? [] : [`--account ${account}`]),
  ].join(' ');

export async function printRotate(identity: Identity, json: boolean): Promise<void> {
  const { ports, requestRotation, woken } = await here();
  const id = randomUUID();
  const rotation = await requestRotation(ports, identity, { caller: 'command line', id });
  const began = rotation.id === id;
  const told = await woken(identity);
  if (json) return print(JSON.stringify({ id: rotation.id, state: rotation.state, began }));
  print(
    `rotation ${rotation.id}: ${rotation.state}; ${began ? told : 'it was under way already, and no other one was begun'}`,
    `see its state: GET ${locationOf(identity, `/rotations/${rotation.id}`)}`,
    follow(identity),
  );
}

export async function printShown(which: Chosen, json: boolean): Promise<void> {
  const { record, rotation, defaults } = await chosen(which);
  const report = rotationReport(record, rotation, defaults);
  print(...(json ? [JSON.stringify(report)] : rotationLines(report, systemClock.wallMs())));
}

/** @returns how the command ends */
export async function printWaited(which: Chosen, until: Goal, timeoutMs: number | undefined): Promise<ExitCode> {
  const { ports, rotation } = await chosen(which);
  const read = async () => (await ports.ledger.read(which.identity))?.record;
  const [line, beganMs] = [progress(), systemClock.monotonicMs()];
  const tell = (text: string) => {
    line.clear();
    print(`${new Date(systemClock.wallMs()).toISOString()} ${text}`);
  };
  const waiting = (ms: number) => {
    line.show(`waiting for ${until}: ${span(systemClock.monotonicMs() - beganMs)}`);
    return wait(ms);
  };
  const asked = { read, id: rotation.id, until, timeoutMs, clock: systemClock, wait: waiting, tell };
  const waited = await waitForRotation(asked).finally(() => line.clear());
  if (waited === 'reached') return 0;
  process.stderr.write(`keyvend: ${words[waited]}\n`);
  return waited === 'timeout' ? 124 : 7;
}

const words = {
  cancelled: 'the rotation was cancelled',
  stalled: 'the rotation has failed for an hour and does not get on by itself; keyvend rotation show says what to do',
  absent: 'the rotation is on record no more',
  timeout: 'the time is over; the rotation goes on',
};

export async function printCancelled(which: Chosen): Promise<void> {
  const { ports, rotation, cancelRotation, woken } = await chosen(which);
  const { id, state } = await cancelRotation(ports, which.identity, rotation.id);
  print(`rotation ${id}: ${state}; ${await woken(which.identity)}`, follow(which.identity));
}

/** All of the hosts, or none of them. @throws {VendingError} HOST_UNKNOWN */
export async function printWaived(which: Chosen, hosts: readonly string[]): Promise<void> {
  const { ports, record, rotation, defaults, waiveHost, woken } = await chosen(which);
  const known = rotationReport(record, rotation, defaults).hosts.map(({ host }) => host);
  const unknown = hosts.findIndex((host) => !known.includes(host));
  if (unknown >= 0)
    throw new VendingError('HOST_UNKNOWN', `The rotation has no such host as --host number ${unknown + 1}`);
  for (const host of hosts) await waiveHost(ports, which.identity, rotation.id, host);
  print(
    `rotation ${rotation.id}: ${rotation.state}; it goes on without ${hosts.join(', ')}; ${await woken(which.identity)}`,
  );
  print(follow(which.identity));
}
