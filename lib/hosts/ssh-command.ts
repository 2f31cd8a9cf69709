// One command in a session: sent with all of its input, its output collected until it has ended.
import type { Client, ClientChannel } from 'ssh2';
import { VendingError } from '../errors.ts';
import { asksFor, shellAsks } from './no-answer.ts';
import type { RemoteCommand } from './remote-edit.ts';
import type { Evidence } from './ssh-evidence.ts';
import { hungUp, noTimeLeft, refusal } from './ssh-refusals.ts';
import type { Limits, Wire } from './ssh-wire.ts';

/** @param leftMs how long the host may take, in milliseconds */
export type MakeCommand<T> = (leftMs: number) => RemoteCommand<T>;

/** A login, for its commands. */
export interface Login {
  readonly client: Client;
  readonly wire: Wire;
  readonly evidence: Evidence;
  readonly limits: Limits;
}

/**
 * sshd counts a session until it has seen its process end, which is after it has closed the channel: with `MaxSessions 1` a
 * command that follows at once may be refused. So it is asked for again, after so many milliseconds each.
 */
const PAUSES_MS = [10, 20, 50, 100, 200, 400, 800, 1_600, 3_200];
/** RFC 4254 section 5.1: SSH_OPEN_CONNECT_FAILED is what sshd says of a session too many, the other one what others may. */
const mayPass: readonly unknown[] = [2, 4];

/** What is looked at of the errors that a command prints, characters. */
const COMPLAINT = 4_096;

/**
 * @param first whether no command ran in this login before it
 * @throws {VendingError} DEADLINE_PASSED (nothing was sent), HOST_SESSION_REFUSED (nothing was run), HOST_SHELL_SILENT,
 * HOST_UNREACHABLE, and what `answer` throws
 */
export function runCommand<T>(login: Login, make: MakeCommand<T>, first: boolean): Promise<T> {
  const { client, wire, evidence, limits } = login;
  return new Promise((resolve, reject) => {
    if (wire.left() <= 0) throw noTimeLeft();
    if (wire.closed) throw wire.failure ?? hungUp(wire.stage);
    const pauses = first ? [] : [...PAUSES_MS];
    let command = make(wire.left(limits.commandMs));
    let granted = false;
    let refused = false;
    let exit: number | undefined;
    let channel: ClientChannel | undefined;
    let complaint = '';
    const parts: Buffer[] = [];
    let length = 0;
    const text = () => Buffer.concat(parts).toString('latin1');

    const timer = wire.endIn(limits.commandMs, () =>
      granted && !text().includes(command.begins) ? silent() : undefined,
    );
    let pause: NodeJS.Timeout | undefined;
    const settle = () => {
      clearTimeout(timer);
      clearTimeout(pause);
      const sent = channel?.writableFinished ?? false;
      const { keyForces } = evidence;
      try {
        resolve(command.answer({ text: text(), complaint, exit, refused, keyForces, sent, lost: wire.closed }));
      } catch (error) {
        reject(wire.failure ?? error);
      }
    };
    void wire.over.then(() => setImmediate(settle)); // what was read by then is delivered first

    const ask = () => {
      client.exec(command.command, (error, opened) => {
        if (error) return wire.closed ? undefined : denied(error);
        // ssh2 sent the command once it had a channel for it. A command changes things only with its input, and that leaves in
        // this turn.
        if (wire.left() <= 0) return wire.fail(noTimeLeft());
        granted = true;
        channel = opened;
        opened.on('error', () => {});
        opened.on('data', (part: Buffer) => {
          parts.push(part);
          length += part.length;
          if (length > limits.maxAnswerBytes) wire.fail(text().includes(command.begins) ? tooLong() : endless(text()));
        });
        opened.stderr.on('data', (part: Buffer) => {
          complaint = (complaint + part.toString('latin1')).slice(-COMPLAINT);
        });
        opened.on('exit', (status: number | null) => {
          exit = status ?? undefined;
        });
        opened.on('close', settle);
        opened.end(command.input);
      });
    };
    /** Nothing was run: no channel was opened, for which RFC 4254 gives a reason, or the channel runs no commands. */
    const denied = (error: Error & { reason?: unknown }) => {
      if (error.reason === undefined) {
        refused = true;
        return settle();
      }
      const next = mayPass.includes(error.reason) ? pauses.shift() : undefined;
      if (next !== undefined) {
        pause = setTimeout(() => {
          command = make(wire.left(limits.commandMs)); // how long the host may take is in its words
          attempt();
        }, next);
        return;
      }
      clearTimeout(timer);
      reject(new VendingError('HOST_SESSION_REFUSED', 'The host opened no session for a command'));
    };
    const attempt = () => {
      if (wire.left() <= 0) return wire.fail(noTimeLeft());
      try {
        ask();
      } catch (error) {
        wire.fail(refusal(error as Error, wire.stage)); // the far side has ended the connection
      }
    };
    attempt();
  });
}

/** One that asks again and again, or whatever else has no end. */
const endless = (text: string) => (asksFor(text) ? shellAsks() : tooLong());
const silent = () =>
  new VendingError('HOST_SHELL_SILENT', 'The host took the command and its login shell did not come to it in time');
const tooLong = () =>
  new VendingError('HOST_FILE_UNUSABLE', 'The host printed more than an authorized_keys file can hold');
