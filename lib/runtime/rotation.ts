// What the rotation functions call: what is due, one message of the queue, and one step of AWS Secrets Manager's own rotation,
// with real ports around them.
import type { Context, SQSRecord } from 'aws-lambda';
import { type Deadline, deadlineIn, systemClock } from '../clock.ts';
import { RotationMessage, RotationStep, UUID } from '../contract/rotation-message.ts';
import { VendingError } from '../errors.ts';
import { sshHosts } from '../hosts/ssh.ts';
import type { Identity } from '../identity.ts';
import { parsed, parsedValue } from '../middleware/json.ts';
import { advance, advanceTo } from '../vending/rotation/advance.ts';
import { cancelRotation, requestRotation } from '../vending/rotation/rotation-commands.ts';
import type { RotationPorts } from '../vending/rotation/rotation-ports.ts';
import type { Rotation, RotationState } from '../vending/rotation/rotation-record.ts';
import { sendDue } from '../vending/rotation/send-due.ts';
import { commandPorts, wake } from './asking.ts';
import { everyCloud } from './clouds/index.ts';
import { logFailure, logger } from './logger.ts';
import { rotatingSecret } from './rotating-secret.ts';
import { rotationSettings } from './rotation-settings.ts';
import { portsFor } from './runtime.ts';

/** For writing down how it went. */
const RESERVE_MS = 10_000;
const untilTheEnd = (context: Context): Deadline =>
  deadlineIn(systemClock, Math.max(0, context.getRemainingTimeInMillis() - RESERVE_MS));

const rotationPorts = async (): Promise<RotationPorts> => ({
  ...(await portsFor(everyCloud)),
  hosts: sshHosts(),
  rotation: rotationSettings,
});

/** Hands everything that is due to the worker. */
export async function handOutDue(): Promise<{ sent: number }> {
  const sent = await sendDue(await commandPorts(), wake);
  if (sent > 0) logger.info('rotation due', { sent });
  return { sent };
}

/** Does all that is due in the key pair of one message. What is not done by the end of the function is due again. */
export async function work(record: SQSRecord, context: Context): Promise<void> {
  const { provider, account = 'default', region = 'global', name, rotate } = parsed(RotationMessage, record.body);
  const identity = { provider, account, region, name };
  const ports = await rotationPorts();
  if (rotate) {
    // A message may come twice: as the rotation's id its own makes both the same wish.
    const wish = { caller: 'queue', ...(UUID.test(record.messageId) && { id: record.messageId }) };
    const { id, state } = await requestRotation(ports, identity, wish);
    logger.info('rotation asked', { ...identity, rotationId: id, state });
  }
  const began = systemClock.monotonicMs();
  const nextAtMs = await advance(ports, identity, untilTheEnd(context), logFailure);
  const now = nextAtMs !== undefined && nextAtMs <= systemClock.wallMs();
  if (now) await wake(identity).catch(logFailure); // the time was up, not the work; else the schedule finds it
  logger.info('rotation advanced', {
    ...identity,
    ms: Math.round(systemClock.monotonicMs() - began),
    ...(nextAtMs === undefined ? {} : { nextAt: new Date(nextAtMs).toISOString() }),
  });
}

/** How far each step has to get. Removing the old key is the worker's, after the overlap. */
const reached = {
  createsecret: 'staged',
  setsecret: 'rolled-out',
  testsecret: 'proven',
  finishsecret: 'promoted',
} as const satisfies Record<string, RotationState>;

/** AWS rotates a secret to one version at a time: what it has begun to another one, it has given up. */
async function inTheWay(ports: RotationPorts, identity: Identity, { id, driver }: Rotation): Promise<VendingError> {
  if (driver === 'secrets-manager') await cancelRotation(ports, identity, id);
  return new VendingError('ROTATION_IN_PROGRESS', 'Another rotation is under way', { retryAfterMs: 60_000 });
}

/**
 * One step of a rotation that AWS Secrets Manager drives; each may be repeated.
 * @throws {VendingError} what kept it from getting there; AWS then begins again with the first step
 */
export async function step(event: unknown, context: Context): Promise<void> {
  const { Step, SecretId, ClientRequestToken: id } = parsedValue(RotationStep, event);
  const { identity, done } = await rotatingSecret(SecretId, id);
  const said = { ...identity, rotationId: id, step: Step };
  if (done) return logger.info('rotation step done before', said);
  const ports = await rotationPorts();
  if (Step === 'createsecret') {
    const wish = { caller: 'secrets-manager', driver: 'secrets-manager', id } as const;
    const rotation = await requestRotation(ports, identity, wish);
    if (rotation.id !== id) throw await inTheWay(ports, identity, rotation);
  }
  const { state } = await advanceTo(ports, identity, id, reached[Step], untilTheEnd(context));
  logger.info('rotation step', { ...said, state });
}
