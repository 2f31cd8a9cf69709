// The tokens of the stand-in, and the ways to one: AppRole, JWT and Kubernetes, with lives that end by the clock that is passed in.
// Source: OpenBao API docs, "AppRole", "JWT/OIDC", "Kubernetes" and "Token" auth methods.
import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { type Answer, refusal } from './kv-engine.ts';

/** Whoever may log in by a role. `accepts` looks at the secret id or the JWT. */
export interface Role {
  readonly accepts: (secret: string) => boolean;
  readonly policies: readonly string[];
  readonly ttlS: number;
  /** It is not renewed beyond that. Default 10 times its life. */
  readonly longestS?: number;
  readonly renewable?: boolean;
}

interface Issued {
  readonly policies: readonly string[];
  readonly namespace: string;
  readonly ttlS: number;
  readonly renewable: boolean;
  readonly lastS: number;
  untilS: number;
}

export class KvAuth {
  /** By namespace, mount and role (or role id), with slashes between. */
  readonly roles = new Map<string, Role>();
  readonly #issued = new Map<string, Issued>();
  readonly #nowS: () => number;
  constructor(nowS: () => number) {
    this.#nowS = nowS;
  }

  /** A token that was there already. */
  issue(policies: readonly string[], over: Partial<Omit<Role, 'accepts' | 'policies'>> & { namespace?: string } = {}) {
    const { namespace = '', ttlS = 3_600, longestS = ttlS * 10, renewable = true } = over;
    const token = `hvs.${randomBytes(24).toString('base64url')}`;
    const lastS = this.#nowS() + longestS;
    this.#issued.set(token, { policies, namespace, ttlS, renewable, lastS, untilS: this.#nowS() + ttlS });
    return token;
  }

  logIn(namespace: string, mount: string, body: Readonly<Record<string, unknown>>): Answer {
    const byRoleId = typeof body.role_id === 'string';
    const secret = String((byRoleId ? body.secret_id : body.jwt) ?? '');
    const role = this.roles.get([namespace, mount, String(byRoleId ? body.role_id : body.role)].join('/'));
    if (role === undefined) return refusal(400, byRoleId ? 'invalid role or secret ID' : 'role could not be found');
    if (!role.accepts(secret)) return refusal(byRoleId ? 400 : 403, 'permission denied');
    const { policies, ttlS, renewable = true } = role;
    return this.#answer(this.issue(policies, { ...role, namespace, ttlS, renewable }));
  }

  /** What a token may do; undefined for one that is not good, or not there. */
  policiesOf(token: string, namespace: string): readonly string[] | undefined {
    const issued = this.#issued.get(token);
    return issued && issued.untilS > this.#nowS() && issued.namespace === namespace ? issued.policies : undefined;
  }

  lookUp(token: string): Answer {
    const { policies, ttlS, untilS, renewable } = this.#issued.get(token)!;
    const data = { policies, creation_ttl: ttlS, ttl: Math.floor(untilS - this.#nowS()), renewable };
    return { status: 200, body: { data } };
  }

  renew(token: string): Answer {
    const issued = this.#issued.get(token)!;
    if (!issued.renewable) return refusal(400, 'lease is not renewable');
    issued.untilS = Math.min(this.#nowS() + issued.ttlS, issued.lastS);
    return this.#answer(token);
  }

  revoke(token: string): Answer {
    this.#issued.delete(token);
    return { status: 204 };
  }

  /** As an administrator does it. */
  revokeAll(): void {
    this.#issued.clear();
  }

  #answer(client_token: string): Answer {
    const { policies, renewable, untilS } = this.#issued.get(client_token)!;
    const lease_duration = Math.floor(untilS - this.#nowS());
    const auth = { client_token, accessor: randomUUID(), policies, renewable, lease_duration, token_type: 'service' };
    return { status: 200, body: { request_id: randomUUID(), auth } };
  }
}

/** Without telling by the time it takes how much of it is right. */
export const isText = (expected: string) => (given: string) =>
  expected.length === given.length && timingSafeEqual(Buffer.from(expected), Buffer.from(given));
