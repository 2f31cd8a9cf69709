// Whose time is it? Every request has an account; its turns on the main thread are told from its waits at the ports.
//
// A turn begins when something that a request waited for is there, and ends when the request waits again: the microtasks and
// ticks that follow all run before anything else does. So each turn begins in an immediate of its own, and the immediate
// queued right behind it, which Node runs next, reads the clock. A wait is over when it is due, not when the thread gets
// round to it: what lies in between is queueing behind other requests, and counts as ours.
import { AsyncLocalStorage } from 'node:async_hooks';

interface Account {
  /** On the main thread, in our code. */
  ownMs: number;
  /** At ports, overlapping waits counted once; and what the stand-ins behind them computed. */
  portsMs: number;
  waitsUntilMs: number;
}

const accounts = new AsyncLocalStorage<Account>();
const due: { readonly atMs: number; readonly go: () => void }[] = [];
let watching = false;

/**
 * Runs one request.
 * @returns its turns, and all that it took less what the ports take: turns, queueing, and the thread pool
 */
export async function accounted(work: () => Promise<void>): Promise<{ ownMs: number; beyondMs: number }> {
  const beganMs = performance.now();
  const account: Account = { ownMs: 0, portsMs: 0, waitsUntilMs: 0 };
  let endedMs = 0;
  await new Promise<void>((resolve, reject) => {
    const end = () => {
      endedMs = performance.now();
      setImmediate(resolve); // behind the immediate that closes the last turn
    };
    turn(account, () => void accounts.run(account, work).then(end, reject));
  });
  return { ownMs: account.ownMs, beyondMs: endedMs - beganMs - account.portsMs };
}

/** A call through a port: what its stand-in computes at once, and then the time that the real one would take. */
export function atPort<T>(ms: number, compute: () => T): Promise<T> {
  const calledMs = performance.now();
  const answer = compute();
  const nowMs = performance.now();
  const untilMs = nowMs + ms;
  const account = accounts.getStore();
  if (account === undefined) return Promise.resolve(answer);
  account.ownMs -= nowMs - calledMs;
  account.portsMs += nowMs - calledMs + Math.max(0, untilMs - Math.max(nowMs, account.waitsUntilMs));
  account.waitsUntilMs = Math.max(account.waitsUntilMs, untilMs);
  return new Promise((resolve) => after(untilMs, () => turn(account, () => resolve(answer))));
}

/** What the thread pool computes for us is no port; what follows it is a turn like any other. */
export async function inThreadPool<T>(computed: Promise<T>): Promise<T> {
  const account = accounts.getStore();
  const answer = await computed;
  return account === undefined ? answer : new Promise((resolve) => turn(account, () => resolve(answer)));
}

function turn(account: Account, begin: () => void): void {
  let beganMs = 0;
  setImmediate(() => {
    beganMs = performance.now();
    begin();
  });
  setImmediate(() => {
    account.ownMs += performance.now() - beganMs;
  });
}

/** Node's timers count whole milliseconds and may be one late; this looks at the clock in every round of the event loop. */
function after(atMs: number, go: () => void): void {
  let place = due.length;
  while (place > 0 && due[place - 1]!.atMs > atMs) place -= 1;
  due.splice(place, 0, { atMs, go });
  if (watching) return;
  watching = true;
  setImmediate(watch);
}

function watch(): void {
  const nowMs = performance.now();
  while (due.length > 0 && due[0]!.atMs <= nowMs) due.shift()!.go();
  watching = due.length > 0;
  if (watching) setImmediate(watch);
}
