// What an SSH connection runs on: a socket of our own to an address that was decided on. Behind a jump host it is a channel instead
// (ssh-tunnel.ts), which has no socket's ways of ending.
import type { Duplex } from 'node:stream';
import { type Destination, dial } from './dial.ts';
import { forbidden } from './host-rules.ts';

export interface Line {
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
  let turnedAway: Error | undefined;
  // ssh2 does not destroy a socket that it has already ended, so one whose far side is silent would stay.
  const socket = dial(to, () => {
    turnedAway = forbidden();
    cut();
  });
  socket.on('error', () => {}); // ssh2 reports it; this is for the moments when it does not listen
  const over = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const cut = () => {
    if (socket.connecting || socket.destroyed) socket.destroy();
    else socket.resetAndDestroy();
  };
  return {
    stream: socket,
    connected: new Promise((resolve) => socket.once('connect', () => resolve())),
    over,
    get closed() {
      return socket.destroyed;
    },
    reason: () => turnedAway,
    cut,
    async end() {
      socket.destroySoon();
      const patience = setTimeout(() => socket.destroy(), PATIENCE_MS); // for a far side that reads nothing more
      await over;
      clearTimeout(patience);
    },
  };
}
