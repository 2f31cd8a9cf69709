// A sign-in at one deployment: what `keyvend login` got, and which deployment is meant from then on.
import { createHash } from 'node:crypto';
import { readState, removeState, writeState } from './state.ts';

export interface Session {
  readonly url: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly scope: string;
  readonly resource?: string;
  readonly accessToken: string;
  /** When to get another one; absent where the issuer did not say how long it is valid. */
  readonly staleAtMs?: number;
  readonly refreshToken?: string;
}

const PROFILE = 'profile.json';
const fileOf = (url: string): string => `session-${createHash('sha256').update(url).digest('hex').slice(0, 32)}.json`;

/** With its origin and path alone, the same however it was typed. @throws {TypeError} */
export function deploymentUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new TypeError('the address of a deployment is a URL such as https://keyvend.example.com');
  if (url.protocol === 'http:' && !isLoopback(url))
    throw new TypeError('a token is sent over https alone; http is for this machine');
  return url.href.replace(/\/+$/, '');
}

export const isLoopback = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);

export const sessionAt = (url: string): Session | undefined => readState(fileOf(url)) as Session | undefined;
export const saveSession = (session: Session): void => writeState(fileOf(session.url), session);
export const forgetSession = (url: string): boolean => removeState(fileOf(url));

/** The deployment that commands mean unless something else is said. */
export const profileUrl = (): string | undefined => (readState(PROFILE) as { url?: string } | undefined)?.url;
export const saveProfile = (url: string): void => writeState(PROFILE, { url });
export const forgetProfile = (): boolean => removeState(PROFILE);
