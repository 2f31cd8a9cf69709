// One command in a session: sent with all of its input, its output collected until it has ended.
import type { Client } from 'ssh2';
import { VendingError } from '../errors.ts';
import type { RemoteCommand } from './remote-edit.ts';
import { noTimeLeft, refusal } from './ssh-refusals.ts';
import type { Limits, Wire } from './ssh-wire.ts';

/** @throws {VendingError} DEADLINE_PASSED (nothing was sent), HOST_UNREACHABLE, and what `answer` throws */
export function runCommand<T>(client: Client, wire: Wire, command: RemoteCommand<T>, limits: Limits): Promise<T> {
  return new Promise((resolve, reject) => {
    if (wire.left() <= 0) throw noTimeLeft();
    if (wire.closed) throw wire.failure ?? refusal(new Error('closed'), wire.stage);
    const timer = wire.endIn(limits.commandMs);
    const parts: Buffer[] = [];
    let length = 0;

    const settle = () => {
      clearTimeout(timer);
      try {
        resolve(command.answer({ text: Buffer.concat(parts).toString('latin1'), lost: wire.closed }));
      } catch (error) {
        reject(wire.failure ?? error);
      }
    };
    void wire.over.then(() => setImmediate(settle)); // what was read by then is delivered first

    const ask = () =>
      client.exec(command.command, (error, channel) => {
        // Not even begun: the server has its own idea of what this key may run.
        if (error) return wire.closed ? undefined : settle();
        // ssh2 sent the command once it had a channel for it. A command changes things only with its input, and that leaves in
        // this turn.
        if (wire.left() <= 0) return wire.fail(noTimeLeft());
        channel.on('error', () => {});
        channel.on('data', (part: Buffer) => {
          parts.push(part);
          length += part.length;
          if (length > limits.maxAnswerBytes) wire.fail(tooLong());
        });
        channel.stderr.resume();
        channel.on('close', settle);
        channel.end(command.input);
      });
    try {
      ask();
    } catch (error) {
      wire.fail(refusal(error as Error, wire.stage)); // the far side has ended the connection
    }
  });
}

const tooLong = () =>
  new VendingError('HOST_FILE_UNUSABLE', 'The host printed more than an authorized_keys file can hold');
