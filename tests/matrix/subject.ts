// What a cell is made of, whatever it runs on.
import { setTimeout as wait } from 'node:timers/promises';
import type { Clouds } from '../../local/clouds/clouds.ts';
import type { StoreHere } from '../doubles/stores-here.ts';

export const region = 'cn-hangzhou';
/** Longer than a lease, and what is waited after it because clocks differ. */
export const LATER_MS = 10 * 60_000;

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface Subject {
  readonly clouds: Clouds;
  readonly store: StoreHere;
  /** What it is told that a host on loopback is called. */
  readonly hostAddress: string;
  /** Over HTTP, with a token. */
  ask(method: string, path: string, body?: object): Promise<Answered>;
  /** Requests key pairs of ECS by whatever it takes events from; the names are made of the way. @returns the ways */
  deliver(): Promise<readonly { readonly by: string; readonly name: string }[]>;
  /** Does once what runs on a schedule, where nothing does so by itself. */
  turn(): Promise<unknown>;
  /** SIGKILL, to whatever vends. */
  kill(): Promise<unknown>;
  /** Begins again. @returns how far clocks are ahead now */
  again(): Promise<number>;
  /** Everything that was printed, as far as it is kept. */
  printed(): string;
  stop(): Promise<void>;
}

const LIMIT_MS = 45_000;

/** Never for ever. @throws {Error} saying what it was that did not come */
export async function until<T>(what: string, seen: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const endMs = performance.now() + LIMIT_MS;
  for (;;) {
    const found = await seen();
    if (found !== undefined) return found;
    if (performance.now() > endMs) throw new Error(`${what} did not come within ${LIMIT_MS / 1_000} s`);
    await wait(100);
  }
}

/** Of an answer to any of these requests. */
export async function answeredBy(origin: string, token: string, method: string, path: string, body?: object) {
  const answer = await fetch(`${origin}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(LIMIT_MS),
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === '' ? {} : JSON.parse(text) } as Answered;
}
