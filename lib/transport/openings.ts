// Connections on which nothing was written yet: for a request that is about to be sent, or opened early, ahead of it. And how long a
// connection that was used may have been idle and is still written to.
import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { type Clock, type Deadline, deadlineIn, leftMs } from '../clock.ts';
import { type agentFor, clients, type Protocol, type RacedRequest } from './agent.ts';
import type { WireRequest } from './wire.ts';

export type Target = RacedRequest & { readonly protocol: Protocol; readonly path: string; readonly method: string };
type Where = Pick<WireRequest, 'origin' | 'maxIdleMs'>;

/** A request on its way to a connection. */
export interface Opening {
  readonly request: ClientRequest;
  readonly origin: string;
  /** Ends the attempts that are under way. */
  readonly over: AbortController;
  /** Until when one that was opened early may still come to be. A process that was frozen meanwhile does not wait for it. */
  readonly until: Deadline;
  isOpen: boolean;
  isEarly?: true;
  /** Of whoever sends on it; nobody yet where it was opened early. */
  onOpen?: (socket: Socket) => void;
  onError?: (error: NodeJS.ErrnoException) => void;
}

/** One that is opened early and does not come to be is given up: it would hold a process that has nothing else to do. */
const EARLY_MS = 10_000;

export function openings(
  clock: Clock,
  agents: Readonly<Record<Protocol, ReturnType<typeof agentFor>>>,
  maxIdleMs: number,
) {
  const early = new Set<Opening>();
  const freshUntil = new WeakMap<Socket, Deadline>();
  const isFresh = (socket: Socket) => {
    const until = freshUntil.get(socket);
    return until !== undefined && leftMs(clock, until) > 0;
  };
  const markFresh = (socket: Socket, idleMs = maxIdleMs) => void freshUntil.set(socket, deadlineIn(clock, idleMs));

  function open(target: Target, { origin, maxIdleMs: idleMs }: Where): Opening {
    const over = new AbortController();
    const raced: RacedRequest = { ...target, agent: agents[target.protocol], over: over.signal };
    const request = clients[target.protocol].request(raced);
    const opening: Opening = { request, origin, over, until: deadlineIn(clock, EARLY_MS), isOpen: false };
    const opened = (socket: Socket) => {
      if (!request.reusedSocket) markFresh(socket, idleMs);
      opening.isOpen = true;
      opening.onOpen?.(socket);
    };
    request.once('socket', (socket) => {
      if (opening.onOpen === undefined) socket.unref();
      // The agent gives a socket that is connected; TLS is made on it.
      if (request.reusedSocket || target.protocol === 'http:') opened(socket);
      else socket.once('secureConnect', () => opened(socket));
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      early.delete(opening);
      opening.onError?.(error);
    });
    return opening;
  }

  function giveUp(one: Opening): void {
    early.delete(one);
    one.over.abort('over');
    one.request.destroy();
  }
  /** One that has become too old is closed. */
  const isUsable = (one: Opening): boolean => {
    if (one.isOpen ? isFresh(one.request.socket!) : leftMs(clock, one.until) > 0) return true;
    giveUp(one);
    return false;
  };
  const earlyOf = (origin: string) => [...early].filter((one) => one.origin === origin && isUsable(one));
  /** How many are kept of earlier requests. The agent would give one that is too old before it makes a new one: those are closed. */
  const kept = (target: Target): number => {
    // The agent's name of a host goes on with what it fills in for TLS.
    const name = `${target.host}:${target.port ?? (target.protocol === 'https:' ? 443 : 80)}:`;
    const named = Object.entries(agents[target.protocol].freeSockets).filter(([of]) => of.startsWith(name));
    const all = named.flatMap(([, sockets]) => sockets ?? []);
    for (const socket of all) if (!isFresh(socket)) socket.destroy();
    return all.filter(isFresh).length;
  };

  return {
    isFresh,
    markFresh,

    connectEarly(target: Target, to: Where, count: number): void {
      for (let there = kept(target) + earlyOf(to.origin).length; there < count; there += 1) {
        const one: Opening = Object.assign(open(target, to), { isEarly: true as const });
        early.add(one);
        const timer = setTimeout(() => early.has(one) && !one.isOpen && giveUp(one), EARLY_MS).unref();
        one.request.once('close', () => clearTimeout(timer)); // or it would hold what the request was about
      }
    },

    /** One that was opened early, where there is any that can still be used; else a new one, or one that was kept. */
    take(target: Target, to: Where): Opening {
      kept(target);
      const [one] = earlyOf(to.origin);
      if (one === undefined) return open(target, to);
      early.delete(one);
      one.request.path = target.path;
      one.request.method = target.method;
      one.request.socket?.ref();
      return one;
    },

    close(): void {
      for (const one of early) giveUp(one);
    },
  };
}
