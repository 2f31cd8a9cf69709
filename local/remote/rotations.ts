// The commands of a rotation over HTTP, and how they print what a deployment answers.
import type { Rotation, RotationGoal } from '../../client/index.ts';
import type { Identity } from '../../lib/identity.ts';
import { CommandError } from '../command-error.ts';
import { counted } from '../counted.ts';
import type { ExitCode } from '../exit-codes.ts';
import { moment } from '../moments.ts';
import { plain } from '../plain.ts';
import { progress } from '../progress.ts';
import { type Deployment, print, printJson, refOf, typed } from './deployment.ts';

/** The latest one where no id is given. */
async function idOf(to: Deployment, identity: Identity, id: string | undefined): Promise<string> {
  const found = id ?? (await to.read(refOf(identity))).rotations.at(-1)?.id;
  if (found === undefined) throw new CommandError('No such rotation of this key pair is on record', 3);
  return found;
}

export async function rotate(to: Deployment, identity: Identity, json: boolean): Promise<void> {
  const rotation = await to.rotate(refOf(identity));
  if (json) printJson(rotation);
  else print(...briefly(rotation, identity));
}

export async function showRotation(to: Deployment, identity: Identity, id: string | undefined, json: boolean) {
  const rotation = await to.rotation(refOf(identity), await idOf(to, identity, id));
  if (json) printJson(rotation);
  else print(...linesOf(rotation, Date.now()));
}

export async function cancel(to: Deployment, identity: Identity, id: string | undefined): Promise<void> {
  print(...briefly(await to.cancelRotation(refOf(identity), await idOf(to, identity, id)), identity));
}

export async function waive(to: Deployment, identity: Identity, id: string | undefined, hosts: readonly string[]) {
  const which = await idOf(to, identity, id);
  let rotation = await to.rotation(refOf(identity), which);
  const known = rotation.hosts.map(({ host }) => host);
  const unknown = hosts.findIndex((host) => !known.includes(host));
  if (unknown >= 0) throw new CommandError(`The rotation has no such host as --host number ${unknown + 1}`, 3);
  for (const host of hosts) rotation = await to.waive(refOf(identity), which, host);
  print(...briefly(rotation, identity));
}

const briefly = ({ id, state }: Rotation, identity: Identity): readonly string[] => [
  `rotation ${id}: ${state}`,
  `see how it goes: keyvend rotation show ${typed(identity)}`,
];

function linesOf(rotation: Rotation, nowMs: number): readonly string[] {
  const when = (at: string) => moment(Date.parse(at), nowMs);
  const { lastError, stalledAt, nextTryAt, hosts, failures } = rotation;
  return [
    `rotation ${rotation.id}: ${rotation.state}`,
    `  requested ${when(rotation.requestedAt)} by ${plain(rotation.requestedBy)}`,
    ...(lastError
      ? [
          `  failed ${counted(failures, 'time')}, by ${lastError.code} ${when(lastError.at)}`,
          `    ${plain(lastError.detail)}`,
        ]
      : []),
    ...(stalledAt ? [`  stalled since ${when(stalledAt)}: it does not get on by itself`] : []),
    ...(nextTryAt ? [`  next try ${when(nextTryAt)}`] : []),
    ...(hosts.length > 0 ? ['hosts'] : []),
    ...hosts.map(
      ({ host, outcome, code, oldKeyRemoved, waived }) =>
        `  ${host}  ${[outcome, code, oldKeyRemoved && 'old key removed', waived && 'waived'].filter(Boolean).join(', ')}`,
    ),
  ];
}

export interface WaitFor {
  readonly id: string | undefined;
  readonly until: RotationGoal;
  readonly timeoutMs: number | undefined;
}

/** @returns how the command ends */
export async function waitForRotation(
  to: Deployment,
  identity: Identity,
  { id, until, timeoutMs }: WaitFor,
): Promise<ExitCode> {
  const which = await idOf(to, identity, id);
  const [over, line] = [new AbortController(), progress()];
  let timer: NodeJS.Timeout | undefined;
  let told = '';
  const onChange = ({ state, hosts }: Rotation) => {
    // Not before it was seen once: a time of 0 asks how it is now.
    if (timeoutMs !== undefined) timer ??= setTimeout(() => over.abort(), timeoutMs);
    line.clear();
    if (state !== told) print(`${new Date().toISOString()} ${state}`);
    told = state;
    const done = hosts.filter(({ outcome }) => outcome === 'ok').length;
    line.show(`${state}, ${done} of ${counted(hosts.length, 'host')} done`);
  };
  try {
    await to.waitFor(refOf(identity), which, { until, onChange, everyMs: 1_000, signal: over.signal });
    return 0;
  } catch (error) {
    if (over.signal.aborted) throw new CommandError('the time is over; the rotation goes on', 124);
    throw error;
  } finally {
    clearTimeout(timer);
    line.clear();
  }
}
