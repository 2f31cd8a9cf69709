// The environment variables of the store in OpenBao's or Vault's KV version 2, and those of them that a reader needs.
import * as z from 'zod/mini';
import { filled } from '../../environment.ts';

/** As the server has them in its paths, without a slash at either end. */
const folders = () => z.string().check(z.regex(/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/));
/** As it goes into a header: a line end that was pasted along would be found only when the first request is made. */
const token = () => z.optional(z.string().check(z.regex(/^[!-~]+$/)));

export const kvReading = () => ({
  /** `https://host[:port]`; plain `http` for a server on this machine alone. */
  KEYVEND_KV_ADDRESS: z
    .string()
    .check(
      z.regex(/^(https:\/\/([\w.-]+|\[[\da-f:.]+\])|http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\]))(:\d{1,5})?\/?$/i),
    ),
  /** A namespace of OpenBao's or of Vault Enterprise's; it holds for the login as well. */
  KEYVEND_KV_NAMESPACE: z.optional(folders()),
  KEYVEND_KV_MOUNT: z._default(folders(), 'secret'),
  KEYVEND_KV_PREFIX: z._default(folders(), 'keyvend'),
  /** Certificates that the server's is checked with, instead of Node's own. */
  KEYVEND_KV_CA_FILE: z.optional(filled()),
  /** A token that somebody else keeps fresh, or what one logs in with. Read each time. */
  KEYVEND_KV_TOKEN_FILE: z.optional(filled()),
  /** As OpenBao's and Vault's own programs read them; a reader's alone. */
  BAO_TOKEN: token(),
  VAULT_TOKEN: token(),
});

export const kvVariables = () => {
  const { BAO_TOKEN, VAULT_TOKEN, ...shared } = kvReading();
  return {
    ...shared,
    KEYVEND_KV_LOGIN: z.literal(['approle', 'jwt', 'kubernetes', 'token']),
    /** Where that way of logging in is mounted. Default its own name. */
    KEYVEND_KV_LOGIN_MOUNT: z.optional(folders()),
    KEYVEND_KV_ROLE: z.optional(filled()),
    KEYVEND_KV_ROLE_ID: z.optional(filled()),
    KEYVEND_KV_SECRET_ID_FILE: z.optional(filled()),
  };
};

type Values = Readonly<Record<string, unknown>>;

/** What each way of logging in needs, and may have; the others say nothing to it. */
const ways: Readonly<Record<string, { readonly needs: readonly string[]; readonly may?: readonly string[] }>> = {
  approle: { needs: ['ROLE_ID', 'SECRET_ID_FILE'], may: ['LOGIN_MOUNT'] },
  jwt: { needs: ['ROLE', 'TOKEN_FILE'], may: ['LOGIN_MOUNT'] },
  kubernetes: { needs: ['ROLE'], may: ['LOGIN_MOUNT', 'TOKEN_FILE'] },
  token: { needs: ['TOKEN_FILE'] },
};
const all = ['ROLE_ID', 'SECRET_ID_FILE', 'LOGIN_MOUNT', 'ROLE', 'TOKEN_FILE'];

/** @throws {TypeError} naming what the way of logging in lacks, or what says nothing to it: it would be left out without a word */
export function refuseUnfitLogin(values: Values): void {
  const login = String(values.KEYVEND_KV_LOGIN);
  const { needs, may = [] } = ways[login]!;
  const isSet = (name: string) => values[`KEYVEND_KV_${name}`] !== undefined;
  const missing = needs.find((name) => !isSet(name));
  if (missing !== undefined) throw new TypeError(`KEYVEND_KV_LOGIN=${login} needs KEYVEND_KV_${missing}`);
  const idle = all.find((name) => isSet(name) && !needs.includes(name) && !may.includes(name));
  if (idle !== undefined) throw new TypeError(`KEYVEND_KV_LOGIN=${login} has no use for KEYVEND_KV_${idle}`);
}
