// What moves rotations on: a schedule that finds what is due, a message for each key pair, and a driver from outside.
import { type Deadline, deadlineIn } from '../clock.ts';
import { withDefaults } from '../contract/fields.ts';
import { parsed } from '../contract/parse.ts';
import { rotationMessage, UUID } from '../contract/rotation-message.ts';
import { VendingError } from '../errors.ts';
import type { Hosts } from '../hosts/hosts.ts';
import type { Identity } from '../identity.ts';
import { advance, advanceTo } from '../vending/rotation/advance.ts';
import { inUse } from '../vending/rotation/change-record.ts';
import { paced } from '../vending/rotation/paced.ts';
import { cancelRotation, requestRotation } from '../vending/rotation/rotation-commands.ts';
import type { RotationPorts } from '../vending/rotation/rotation-ports.ts';
import type { Rotation, RotationState } from '../vending/rotation/rotation-record.ts';
import { sendDue } from '../vending/rotation/send-due.ts';
import { callerOf, takeShare } from '../vending/rotation/worker-share.ts';
import { about } from './about.ts';
import { actorFor, authorise } from './authorise.ts';
import type { Act, Message } from './messages.ts';
import { stateConfiguration } from './one-configuration.ts';
import { lateSinceMs, warningsOf } from './rotation-warnings.ts';
import { type Connections, commandPorts, type ForFleets, type ForRotation, itself, type Runtime } from './runtime.ts';

/** Reserved for writing down how it went. */
export const RESERVE_MS = 10_000;
/** One pass over one key pair; what is left then goes to the end of the queue. */
export const PASS_MS = 120_000;
/** When a key pair comes again whose caller had its share of workers: not all of them at the same moment. */
const AGAIN_MS = { least: 1_000, most: 5_000 };

export function rotationJobs(
  runtime: Runtime & ForRotation & Partial<ForFleets>,
  connections: Connections,
  hosts: Hosts,
) {
  const { clock, log, rotation, fleetFor } = runtime;
  const schema = rotationMessage();
  const until = (budgetMs: number): Deadline => deadlineIn(clock, Math.max(0, budgetMs - RESERVE_MS));
  const ports = async (): Promise<RotationPorts> => ({
    ...(await runtime.portsFor(connections)),
    ...{ hosts, rotation },
    ...(fleetFor && { fleetFor }),
  });

  /** Whoever reads the log learns at every pass what does not get on by itself. */
  const warn = async ({ ledger }: Pick<RotationPorts, 'ledger'>, identity: Identity): Promise<void> => {
    const record = (await ledger.read(identity))?.record;
    for (const { message, fields } of record === undefined ? [] : warningsOf(record, clock.wallMs()))
      log.warn(message, fields);
  };
  const warnIfLate = async ({ ledger }: Pick<RotationPorts, 'ledger'>, identity: Identity): Promise<void> => {
    const record = (await ledger.read(identity))?.record;
    const sinceMs = record && lateSinceMs(record, clock.wallMs());
    if (sinceMs === undefined) return;
    log.warn('rotation late', { ...identity, minutes: Math.floor((clock.wallMs() - sinceMs) / 60_000) });
  };

  const failing = (identity: Identity) => (error: unknown) => log.failed(error, identity);

  /** Does all that is due in the key pair of one message. What is not done by the end of the time is due again. */
  const work: Act = async ({ id, body, sender }, budgetMs) => {
    const { rotate = false, ...named } = parsed(schema, body);
    const identity = withDefaults(named);
    return about(identity, workOn(identity, rotate, { id, sender }, budgetMs));
  };

  async function workOn(
    identity: Identity,
    rotate: boolean,
    { id: messageId, sender }: Pick<Message, 'id' | 'sender'>,
    budgetMs: number,
  ): Promise<void> {
    const all = await ports();
    if (rotate) {
      const grant = authorise(runtime, sender, 'rotate', identity);
      const actor = actorFor(runtime, 'queue', sender, grant, messageId);
      // A message may come twice: its id, taken as the rotation's, makes both the same command.
      const command = { caller: sender.id, ...(UUID.test(messageId) && { id: messageId }) };
      const { id, state } = await requestRotation({ ...all, actor }, identity, command);
      log.info('rotation asked', { ...identity, rotationId: id, state });
    }
    const began = clock.monotonicMs();
    const passEnds = until(Math.min(budgetMs, PASS_MS + RESERVE_MS));
    const standing = (await all.ledger.read(identity))?.record;
    const caller = standing && callerOf(standing, all);
    const giveBack =
      caller === undefined ? undefined : await takeShare(all, caller, runtime.workersPerCaller, passEnds);
    if (caller !== undefined && giveBack === undefined) {
      const afterMs = AGAIN_MS.least + Math.random() * (AGAIN_MS.most - AGAIN_MS.least);
      return void (await runtime.wake(identity, afterMs).catch(failing(identity))); // if it fails, the schedule finds it
    }
    const nextAtMs = await advance(paced(all, passEnds), identity, passEnds, failing(identity)).finally(() =>
      giveBack?.().catch(failing(identity)),
    );
    const now = nextAtMs !== undefined && nextAtMs <= clock.wallMs();
    if (now) await runtime.wake(identity).catch(failing(identity)); // out of time, not of work; if it fails, the schedule finds it
    log.info('rotation advanced', {
      ...identity,
      ms: Math.round(clock.monotonicMs() - began),
      ...(nextAtMs === undefined ? {} : { nextAt: new Date(nextAtMs).toISOString() }),
    });
    await warn(all, identity).catch(failing(identity));
  }

  return {
    /** Hands everything that is due to the worker, and says what these functions go by. */
    async handOutDue(): Promise<{ sent: number }> {
      const commands = await commandPorts(runtime, itself);
      await stateConfiguration(commands.ledger, clock, runtime.own());
      const sent = await sendDue(commands, async (identity) => {
        await warnIfLate(commands, identity).catch(failing(identity));
        await runtime.wake(identity);
      });
      if (sent > 0) log.info('rotation due', { sent });
      return { sent };
    },

    work,

    /**
     * Moves a rotation that AWS Secrets Manager drives to a state; the first step begins it.
     * @param begun whether it is on record already, where it is anything
     * @throws {VendingError} ROTATION_ABSENT; what kept it from getting there; AWS then begins again with the first step
     */
    async drive(
      identity: Identity,
      id: string,
      to: RotationState,
      { budgetMs, begun }: { readonly budgetMs: number; readonly begun: boolean },
    ): Promise<Rotation> {
      const all: RotationPorts = {
        ...(await ports()),
        actor: { door: 'secrets-manager', who: 'secrets-manager', request: id },
      };
      if (to === 'staged' && !begun) {
        const command = { caller: 'secrets-manager', driver: 'secrets-manager', id } as const;
        const standing = await requestRotation(all, identity, command);
        if (standing.id !== id) throw await inTheWay(all, identity, standing);
      }
      const ends = until(budgetMs);
      return advanceTo(paced(all, ends), identity, id, to, ends).catch(async (error) => {
        await warn(all, identity).catch(failing(identity)); // its own worker does not come before it is promoted
        throw error;
      });
    },

    /**
     * Whether the key pair can be rotated, for a driver that has not begun a rotation and only asks. Changes nothing.
     * @returns false where this rotation was begun
     * @throws {VendingError} KEY_PAIR_ABSENT, KEY_PAIR_RETIRED, and what the ledger and the store say
     */
    async canRotate(identity: Identity, id: string): Promise<boolean> {
      const { ledger, store } = await ports();
      const { record } = (await ledger.read(identity)) ?? {};
      if (record?.rotations?.some((one) => one.id === id)) return false;
      const standing = record && inUse(record).versions.at(-1);
      const stored = standing && (await store.find(identity))?.versions.some((one) => one.id === standing.id);
      if (!stored) throw new VendingError('KEY_PAIR_ABSENT', 'No key of this key pair is stored');
      return true;
    },
  };
}

/** AWS rotates a secret to one version at a time: it has given up whatever it began to another one. */
async function inTheWay(ports: RotationPorts, identity: Identity, { id, driver }: Rotation): Promise<VendingError> {
  if (driver === 'secrets-manager') await cancelRotation(ports, identity, id);
  return new VendingError('ROTATION_IN_PROGRESS', 'Another rotation is under way', { retryAfterMs: 60_000 });
}
