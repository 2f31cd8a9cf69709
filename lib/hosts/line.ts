// What an SSH connection runs on: a socket of our own to an address that was decided on. Behind a jump host it is a channel instead
// (ssh-tunnel.ts), which has no socket's ways of ending.
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { VendingError } from '../errors.ts';
import { type Destination, dial } from './dial.ts';
import { refusal } from './ssh-refusals.ts';

export interface Line {
  /** There is one once it is connected. */
  readonly stream: Duplex;
  /** Fulfilled once it leads to the far end, and never if it does not come to that. */
  readonly connected: Promise<void>;
  /** Fulfilled when it is closed, for whatever reason, and nothing of it is left open. */
  readonly over: Promise<void>;
  readonly closed: boolean;
  /** Why it ended, where that lies in the line and not in the host at its far end. */
  reason(): Error | undefined;
  /** Ends it at once. What was handed to it and not sent yet is dropped: nothing may reach the host later. */
  cut(): void;
  /** Ends it after what was handed to it. */
  end(): Promise<void>;
}

/** How long the far side of a line may take to agree to its end, milliseconds. */
export const PATIENCE_MS = 1_000;

export function socketLine(to: Destination): Line {
  const given = new AbortController();
  let socket: Socket | undefined;
  let failed: Error | undefined;
  let connected!: () => void;
  const connecting = new Promise<void>((resolve) => {
    connected = resolve;
  });
  const over = dial(to, given.signal).then(
    (dialled) => {
      socket = dialled;
      // ssh2 does not destroy a socket that it has already ended, so one whose far side is silent would stay.
      if (given.signal.aborted) socket.destroy();
      else connected();
      return new Promise<void>((resolve) => dialled.once('close', () => resolve()));
    },
    (error) => {
      if (!given.signal.aborted) failed = error instanceof VendingError ? error : refusal(error, 'connecting');
    },
  );
  return {
    get stream() {
      return socket!;
    },
    connected: connecting,
    over,
    get closed() {
      return socket?.destroyed ?? (failed !== undefined || given.signal.aborted);
    },
    reason: () => failed,
    cut() {
      given.abort('over');
      if (!socket?.destroyed) socket?.resetAndDestroy();
    },
    async end() {
      given.abort('over');
      socket?.destroySoon();
      const patience = setTimeout(() => socket?.destroy(), PATIENCE_MS); // for a far side that reads nothing more
      await over;
      clearTimeout(patience);
    },
  };
}
