// One rotation of a key pair that opens so many hosts, from the request to the end of the old key.
import { DAY_MS, deadlineIn } from '../../lib/clock.ts';
import type { Host, Hosts } from '../../lib/hosts/hosts.ts';
import { dynamoLedger } from '../../lib/ledger/dynamodb/dynamodb-ledger.ts';
import { pack, unpack } from '../../lib/ledger/packed.ts';
import type { Attempt } from '../../lib/vending/attempt.ts';
import type { KeyPairRecord } from '../../lib/vending/record.ts';
import { advance } from '../../lib/vending/rotation/advance.ts';
import { changeRecord } from '../../lib/vending/rotation/change-record.ts';
import { requestRotation, setPolicy } from '../../lib/vending/rotation/rotation-commands.ts';
import type { RotationPorts } from '../../lib/vending/rotation/rotation-ports.ts';
import type { LocalDynamo } from '../../tests/conformance/ledger-dynamodb-local.ts';
import { memoryLedger } from '../../tests/doubles/memory-ledger.ts';
import { random } from '../../tests/doubles/random.ts';
import { fakeHost } from '../../tests/hosts/fake-host.ts';
import { rotated } from '../../tests/unit/vending/rotation/world.ts';
import { median } from '../support/figures.ts';
import { counted, type Write } from './counted.ts';

/** A fifth of a second: with five hosts at once, each takes a second. */
const LOGIN_MS = 200;
/** What a message gives a worker. */
const PASS_MS = 120_000;
const CHANGES = 30;

export async function rotation(dynamo: LocalDynamo, count: number) {
  const here = await rotated('ecs', undefined, { maxParallelHosts: 5 });
  const { identity, clock } = here;
  const { options } = await dynamo.table();
  const { ledger, writes } = counted(dynamoLedger<KeyPairRecord, Attempt>({ ...options, clock }));
  await ledger.write(await here.recordOf(), 0);
  for (const [id, attempt] of await here.ledger.attempts(identity)) await ledger.fileAttempt(identity, id, attempt);
  const recordOf = async () => (await ledger.read(identity))!.record;

  const { uuid } = random(count);
  const hostKeys = () => [
    `SHA256:${Buffer.from((uuid() + uuid()).replaceAll('-', ''), 'hex')
      .toString('base64')
      .slice(0, 43)}`,
  ];
  const listed = Array.from({ length: count }, (_, i) => ({
    ...{ host: `web-${i}.example.com`, port: 22, user: 'deploy', hostKeys: hostKeys() },
  }));
  const first = (await recordOf()).versions[0]!.publicKey;
  const fakes = new Map(listed.map(({ host }) => [host, fakeHost(`${first} app\n`)]));
  let logins = 0;
  const hosts: Hosts = {
    async login({ host }, ...rest) {
      logins += 1;
      clock.advance(LOGIN_MS);
      return fakes.get(host)!.login({ host } as Host, ...rest);
    },
  };
  const ports: RotationPorts = { ...here.worker({}, hosts), ledger };
  await setPolicy(ports, identity, { hosts: listed });
  writes.length = 0;

  const broken: string[] = [];
  const failed = (error: unknown) => {
    if ((error as { code?: string }).code !== 'DEADLINE_PASSED') broken.push(`${count} hosts: ${error}`);
  };
  let passes = 0;
  async function whileDue(): Promise<void> {
    for (let nextMs: number | undefined = 0; nextMs !== undefined && nextMs <= clock.wallMs(); passes += 1)
      nextMs = await advance(ports, identity, deadlineIn(clock, PASS_MS), failed);
  }
  const begunMs = clock.wallMs();
  await requestRotation(ports, identity, { caller: 'bench' });
  await whileDue();
  const promoted = await recordOf();
  const { state } = promoted.rotations!.at(-1)!;
  if (state !== 'promoted') broken.push(`${count} hosts: not promoted, but ${state}`);
  const toPromote = { minutes: (clock.wallMs() - begunMs) / 60_000, passes };
  for (const afterMs of [7 * DAY_MS, 60_000, 60_000]) {
    clock.advance(afterMs);
    await whileDue();
  }
  const { outgoing, versions } = await recordOf();
  if (outgoing !== undefined || versions.length !== 1) broken.push(`${count} hosts: an old pair is left`);
  const wrong = [...fakes.values()].filter(({ text }) => text !== `${versions[0]!.publicKey} app\n`).length;
  if (wrong > 0) broken.push(`${count} hosts: on ${wrong} there is something else than the new key`);
  return { hosts: count, toPromote, passes, logins, writes, changeMs: await changeMs(ports, largest(writes)), broken };
}

const largest = (writes: readonly Write[]): KeyPairRecord =>
  writes.reduce((one, other) => (other.json > one.json ? other : one)).record;

/** What one change of a record costs a processor, without any call: read, changed, compared, written. In milliseconds. */
async function changeMs({ clock, ...ports }: RotationPorts, record: KeyPairRecord) {
  const ledger = memoryLedger<KeyPairRecord, Attempt>({ clock });
  await ledger.write(record, 0);
  const packed = pack(JSON.stringify(record));
  const measured: number[] = [];
  const packing: number[] = [];
  for (let change = 0; change < CHANGES; change += 1) {
    const json = JSON.stringify(record);
    const [beganMs, cpu] = [performance.now(), process.cpuUsage()];
    void cpu;
    if (json.length > 100 * 1_024) unpack(packed); // the ledger in memory keeps records as text
    await changeRecord({ ...ports, clock, ledger }, record.identity, (one) => ({ ...one, successors: change }));
    const overMs = performance.now();
    if (json.length > 100 * 1_024) pack(json);
    measured.push(overMs - beganMs);
    packing.push(performance.now() - overMs);
  }
  return { all: median(measured), packing: median(packing) };
}
