// The lines that the rotation worker and recovery write in the course of hours: the real schedules, by a clock that is moved on.
import { recoveryJobs } from '../../lib/application/recovery-jobs.ts';
import { rotationJobs } from '../../lib/application/rotation-jobs.ts';
import type { ForRotation, Log, Runtime } from '../../lib/application/runtime.ts';
import { VendingError } from '../../lib/errors.ts';
import type { Hosts } from '../../lib/hosts/hosts.ts';
import type { Identity } from '../../lib/identity.ts';
import type { Ports } from '../../lib/vending/ports.ts';
import type { Policy } from '../../lib/vending/rotation/policy.ts';
import { setPolicy } from '../../lib/vending/rotation/rotation-commands.ts';
import type { Script } from '../doubles/dies-after.ts';
import { fakeHost } from '../hosts/fake-host.ts';
import { rotated } from '../unit/vending/rotation/world.ts';
import type { Line } from './alarm-model.ts';

const MINUTE_MS = 60_000;

function logOf(clock: { wallMs(): number }): { readonly lines: Line[]; readonly log: Log } {
  const lines: Line[] = [];
  const note = (message: string, fields: object) => void lines.push({ ...fields, atMs: clock.wallMs(), message });
  const failed = (error: unknown) => {
    const { code = 'INTERNAL', effect } = error instanceof VendingError ? error : { effect: undefined };
    note('failed', { code, effect });
  };
  return { lines, log: { info: note, warn: note, failed } };
}

export interface Rotating {
  /** Whether the host refuses every key at that minute. */
  readonly isDown?: (minute: number) => boolean;
  /** Whether anybody takes messages at that minute. */
  readonly worksAt?: (minute: number) => boolean;
  readonly policy?: Partial<Policy>;
  readonly everyMinutes?: number;
  readonly script?: Script;
}

/** A key pair with one host, which is rotated once. */
export async function rotating({
  isDown = () => false,
  worksAt = () => true,
  policy,
  everyMinutes = 1,
  script = {},
}: Rotating = {}) {
  const here = await rotated('cvm', 'web_1', policy);
  const { clock, ledger, identity } = here;
  const host = fakeHost(`${(await here.recordOf()).versions[0]!.publicKey} app\n`);
  let minute = 0;
  host.hook = (step) => {
    if (step === 'login' && isDown(minute)) throw new VendingError('LOGIN_REFUSED', 'It is set so');
  };
  const hosts: Hosts = { login: (...given) => host.login(...given) };
  const ports = here.worker(script, hosts);
  await setPolicy(ports, identity, { hosts: [{ host: 'host', port: 22, user: 'app', hostKeys: ['SHA256:x'] }] });
  const { lines, log } = logOf(clock);
  const queue: Identity[] = [];
  const runtime = {
    ...ports,
    portsFor: async () => ports,
    ledger: async () => ledger,
    log,
    workersPerCaller: 2,
    own: () => ({}),
    wake: async (woken: Identity) => void queue.push(woken),
  } as unknown as Runtime & ForRotation;
  const jobs = rotationJobs(runtime, () => Promise.reject(new TypeError('no cloud is asked')), hosts);
  const startMs = clock.wallMs();
  return {
    ...here,
    lines,
    startMs,
    /** Until that many minutes are over. What is due is handed out all the time, and taken where somebody works. */
    async until(minutes: number): Promise<void> {
      for (; minute < minutes; minute += everyMinutes) {
        await jobs.handOutDue();
        const taken = worksAt(minute) ? queue.splice(0) : [];
        for (const next of taken) {
          await jobs.work(
            { id: 'm', body: JSON.stringify(next), sender: { kind: 'queue', id: 'q' } as never },
            900_000,
          );
        }
        clock.advance(everyMinutes * MINUTE_MS);
      }
    },
  };
}

/** Recovery, every minute, with a cloud that cannot be had where `isDown` says so. */
export async function recovering(
  { clock, worker }: { clock: { wallMs(): number; advance(ms: number): void }; worker(): Ports },
  minutes: number,
  isDown: (minute: number) => boolean = () => false,
): Promise<readonly Line[]> {
  const { lines, log } = logOf(clock);
  const ports = worker();
  for (let minute = 0; minute < minutes; minute += 1) {
    const down = async () => {
      throw new VendingError('CLOUD_UNREACHABLE', 'It is set so');
    };
    const here = { ...ports, providerFor: isDown(minute) ? down : ports.providerFor };
    const runtime = { ...here, log, portsFor: async () => here } as unknown as Runtime;
    await recoveryJobs(
      runtime,
      () => Promise.reject(new TypeError('no cloud is asked')),
      () => ({}),
      () => Promise.reject(new TypeError('no cloud is asked')),
    ).settleDue(300_000);
    clock.advance(MINUTE_MS);
  }
  return lines;
}
