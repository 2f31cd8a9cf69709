// Tokens: where one comes from, and when there has to be another. One process has one at a time, and nobody else gets to see it.
// Source: OpenBao API docs, "AppRole", "JWT/OIDC", "Kubernetes", "Token" auth methods.
import { readFileSync } from 'node:fs';
import { type Clock, type Deadline, deadlineIn, leftMs } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import { Secret } from '../../secret.ts';
import { asObject } from '../../transport/json.ts';
import { type KvAnswer, type KvHttp, refused } from './kv-http.ts';

export type KvLogin =
  /** A file that somebody else keeps fresh, as an agent's sink is; it is read each time. */
  | { readonly by: 'token'; readonly file: string }
  | { readonly by: 'given'; readonly token: Secret }
  | {
      readonly by: 'approle' | 'jwt' | 'kubernetes';
      readonly mount: string;
      /** What is sent besides the file's text: `role` or `role_id`. */
      readonly role: string;
      /** The secret id, or the JWT: projected tokens are replaced within the hour, so it is read each time. */
      readonly file: string;
    };

export interface Tokens {
  token(): Promise<Secret>;
  /** After a token was refused. @returns whether there is another one now, or that one was good and something else is forbidden */
  another(than: Secret): Promise<boolean>;
}

interface Held {
  readonly token: Secret;
  readonly leaseMs: number;
  readonly renewable: boolean;
  /** From then on it is renewed, or a new one is asked for; undefined for one that does not end. */
  readonly until: Deadline | undefined;
}

/** The share of a token's life after which it is replaced: what is sent with it then still has the rest. */
const USED = 2 / 3;

export function tokensBy(login: KvLogin, http: KvHttp, clock: Clock): Tokens {
  if (login.by === 'given') return { token: async () => login.token, another: async () => false };
  if (login.by === 'token') {
    const read = () => new Secret(textOf(login.file));
    return { token: async () => read(), another: async (than) => read().reveal() !== than.reveal() };
  }
  const { by, mount, role, file } = login;
  let held: Held | undefined;
  let asking: Promise<Held> | undefined;

  const logIn = async (): Promise<Held> => {
    const secret = textOf(file);
    const body = by === 'approle' ? { role_id: role, secret_id: secret } : { role, jwt: secret };
    const what = `log in by ${by}`;
    const answer = await http.ask({ what, path: `auth/${mount}/login`, body });
    return heldFrom(answer, clock) ?? fail(what, answer);
  };
  const next = async (): Promise<Held> => {
    const { token, renewable, leaseMs, until } = held ?? {};
    if (token === undefined || !renewable || leftMs(clock, until!) < -leaseMs! * (1 - USED)) return logIn();
    const renewed = await http.ask({ what: 'renew a token', path: 'auth/token/renew-self', body: {}, token });
    const again = heldFrom(renewed, clock);
    // Towards its longest life it is renewed for less and less.
    return again === undefined || again.leaseMs < leaseMs! / 2 ? logIn() : again;
  };

  return {
    async token() {
      if (held !== undefined && (held.until === undefined || leftMs(clock, held.until) > 0)) return held.token;
      asking ??= next().finally(() => {
        asking = undefined;
      });
      held = await asking;
      return held.token;
    },
    async another(than) {
      if (held?.token !== than) return true;
      const looked = await http.ask({
        ...{ what: 'look at a token', method: 'GET', path: 'auth/token/lookup-self', token: than },
      });
      if (looked.status !== 403) return false;
      if (held?.token === than) held = undefined;
      return true;
    },
  };
}

function heldFrom({ status, fields }: KvAnswer, clock: Clock): Held | undefined {
  const { client_token: token, lease_duration: lease, renewable } = asObject(fields?.auth) ?? {};
  if (status !== 200 || typeof token !== 'string' || typeof lease !== 'number') return undefined;
  const leaseMs = lease * 1_000;
  return {
    ...{ token: new Secret(token), leaseMs, renewable: renewable === true && lease > 0 },
    until: lease > 0 ? deadlineIn(clock, leaseMs * USED) : undefined,
  };
}

const fail = (what: string, answer: KvAnswer): never => {
  throw refused(what, answer);
};

/** @throws {VendingError} STORE_REFUSED naming what is wrong with it, and no path: that is in the configuration */
function textOf(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    throw new VendingError('STORE_REFUSED', `The file to log in to the secret store with cannot be read (${code})`);
  }
  if (/^[!-~]+$/.test(text)) return text;
  throw new VendingError('STORE_REFUSED', 'The file to log in to the secret store with holds no token');
}
