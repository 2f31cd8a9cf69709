// The API, as whoever is signed in. Each failure goes to whoever asked; that the session is over, to the page as a whole as well.
import { createClient } from '../../client/index.ts';
import { problemOf } from './failure.ts';
import type { Session } from './session.ts';
import type { Settings } from './settings.ts';

export type Api = ReturnType<typeof createClient>;

/** @param ended called when the API takes the token no more */
export function apiFor({ api }: Settings, { token }: Session, ended: () => void): Api {
  const client = createClient({ url: api, token: () => token });
  return new Proxy(client, {
    get(target, name) {
      const call = Reflect.get(target, name) as unknown;
      if (typeof call !== 'function') return call;
      return (...words: unknown[]) => {
        const answer = (call as (...words: unknown[]) => unknown).apply(target, words);
        if (answer instanceof Promise) answer.catch((error: unknown) => problemOf(error).status === 401 && ended());
        return answer;
      };
    },
  });
}
