// One TCP connection to whichever address of a name answers first. Node tries them in turn and gives every attempt but the last one
// 250 ms (nodejs/node#54359): a far address is given up then, although a call may take seconds, and a longer time would be spent on
// one that never answers. So the next attempt starts beside those that are still waiting. Source: RFC 8305, "Happy Eyeballs Version 2".
import dns, { type LookupAddress } from 'node:dns';
import net, { type LookupFunction, type Socket, type TcpNetConnectOpts } from 'node:net';

export interface RaceOptions extends TcpNetConnectOpts {
  readonly host: string;
  /** Default `dns.lookup`; it is asked for all addresses. */
  readonly lookup?: LookupFunction | undefined;
  /** Once it is aborted nobody waits any more, and nothing of the race is left open. It means nothing to the socket that won. */
  readonly over?: AbortSignal | undefined;
  /** Milliseconds from one attempt to the next; sooner after one that failed. Default `HEAD_START_MS`. */
  readonly headStartMs?: number;
}

/** RFC 8305, section 5. */
export const HEAD_START_MS = 250;

/** Called once: with an error, whose code is Node's, or with a socket that is connected. */
export type Connected = (error: Error | null, socket?: Socket) => void;

/** What connected last, by host. RFC 8305, section 4, has it tried first. */
const worked = new Map<string, string>();

/** Most hosts that are remembered. A function knows a dozen; a worker that logs in on hosts could see any number. */
const MOST = 1_000;

export function race({ over, lookup, headStartMs = HEAD_START_MS, ...options }: RaceOptions, done: Connected): void {
  const { host } = options;
  const sockets = new Set<Socket>();
  let left: LookupAddress[] = [];
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  let failure: Error = Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
  const finish: Connected = (error, winner) => {
    if (ended) return;
    ended = true;
    over?.removeEventListener('abort', cancel);
    done(error, winner);
  };
  const stop = (winner?: Socket) => {
    left = [];
    clearTimeout(timer);
    for (const socket of sockets) if (socket !== winner) socket.destroy();
  };
  const cancel = () => {
    failure = new Error('over');
    stop();
    next();
  };

  /** Starts the next attempt; where there is none, it fails once the last of those that were started is closed. */
  const next = () => {
    clearTimeout(timer);
    const to = left.shift();
    if (to === undefined) {
      if (sockets.size === 0) finish(failure);
      return;
    }
    const socket = net.connect({ ...options, host: to.address, family: to.family });
    sockets.add(socket);
    // It stays: one that won and has no other listener yet may still fail.
    socket.on('error', (error) => {
      failure = error;
    });
    socket.once('close', () => {
      sockets.delete(socket);
      if (!ended) next();
    });
    socket.once('connect', () => {
      if (worked.size >= MOST) worked.clear();
      worked.set(host, to.address);
      stop(socket);
      finish(null, socket);
    });
    if (left.length > 0) timer = setTimeout(next, headStartMs);
  };

  over?.addEventListener('abort', cancel);
  if (over?.aborted) cancel();
  // With the hint that Node itself gives: no addresses of a family that this machine has none of.
  else
    (lookup ?? dns.lookup)(host, { all: true, hints: dns.ADDRCONFIG }, (error, found) => {
      if (ended) return;
      if (error) failure = error;
      else left = inOrder(found as LookupAddress[], worked.get(host));
      next();
    });
}

/** The families alternate, so that one of them cannot hold up the other, and begin with what worked; else as the system sorted them. */
function inOrder(found: readonly LookupAddress[], last: string | undefined): LookupAddress[] {
  const known = found.filter(({ address }) => address === last);
  const all = [...known, ...found.filter((one) => !known.includes(one))];
  const family = last === undefined || known.length > 0 ? all[0]?.family : net.isIP(last);
  const [like, unlike] = [all.filter((one) => one.family === family), all.filter((one) => one.family !== family)];
  return all.flatMap((_, i) => [...like.slice(i, i + 1), ...unlike.slice(i, i + 1)]);
}
