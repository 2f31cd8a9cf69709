// The stand-in as the bench sees it: started, recorded from, stopped.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Host } from './hosts.ts';
import type { Call } from './recorder.ts';

export const ISSUER = 'https://issuer.example';
export const AUDIENCE = 'keyvend';

export interface Ready {
  readonly ports: Readonly<Record<Host, number>>;
  /** PEM. */
  readonly ca: string;
  /** A bearer token that its issuer's keys verify. */
  readonly token: string;
}

export interface StandIn extends Ready {
  /** @returns the calls made meanwhile, in the order they came in */
  record(work: () => Promise<unknown>): Promise<readonly Call[]>;
  stop(): Promise<void>;
}

export async function startStandIn(): Promise<StandIn> {
  const child = fork(new URL('./main.ts', import.meta.url), { stdio: 'inherit' });
  const gone = once(child, 'exit');
  const said = async <T>(): Promise<T> => {
    const ended = gone.then(() => Promise.reject(new Error('the stand-in ended')));
    return (await Promise.race([once(child, 'message'), ended]))[0] as T;
  };
  const told = <T>(word: 'record' | 'stop'): Promise<T> => {
    const answer = said<T>();
    child.send(word);
    return answer;
  };
  return {
    ...(await said<Ready>()),
    async record(work) {
      await told('record');
      await work();
      return told<Call[]>('stop');
    },
    async stop() {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}
