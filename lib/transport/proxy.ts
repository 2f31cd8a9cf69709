// Which proxy leads to a host, if any. Node knows whether it is to go by the environment (NODE_USE_ENV_PROXY, --use-env-proxy) and keeps
// that to its own agents, which do not race addresses, and wait for ever for a proxy that does not answer. So we read what it gave
// them, by its rules; a test compares the two. Source: Node 24, "Built-in proxy support"; `ProxyConfig` in its source.
import https from 'node:https';
import { isIPv4 } from 'node:net';

type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

/** @param host a name in lower case, or an address without brackets @returns undefined where the connection is direct */
export function proxyFor(host: string, port: number | string): URL | undefined {
  const { proxyEnv: env = {} } = https.globalAgent.options as { proxyEnv?: ProxyEnvironment };
  const proxy = env.https_proxy || env.HTTPS_PROXY || '';
  if (!/^https?:\/\//.test(proxy) || isLoopback(host)) return undefined;
  const direct = (env.no_proxy || env.NO_PROXY || '').split(',').some((entry) => {
    const rule = entry.trim().toLowerCase();
    if (rule === '*' || rule === host || rule === `${host}:${port}`) return true;
    if (rule.startsWith('*.') ? host.endsWith(rule.slice(1)) : rule[0] === '.' && `.${host}`.endsWith(rule))
      return true;
    const range = [host, ...rule.split('-', 2).map((end) => end.trim())];
    if (range.length < 3 || !range.every(isIPv4)) return false;
    const [at, from, to] = range.map((address) => Buffer.from(address.split('.').map(Number)));
    return at!.compare(from!) >= 0 && at!.compare(to!) <= 0;
  });
  return direct ? undefined : new URL(proxy);
}

/** Whether a host is this machine, which no proxy leads to. @param host with or without the brackets of an address */
export const isLoopback = (host: string) => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);
