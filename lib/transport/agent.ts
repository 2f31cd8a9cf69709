// What every connection of ours over HTTP is made by: Node's own agent, which keeps connections and TLS sessions, on a TCP connection
// to whichever address of the host answers first.
import type { Agent, RequestOptions } from 'node:http';
import https, { type AgentOptions } from 'node:https';
import type { Socket } from 'node:net';
import { proxyFor } from './proxy.ts';
import { type Connected, type RaceOptions, race } from './race.ts';

// Not imported: an ES module that imports node:http loads undici with it, 25 ms of a cold start (nodejs/node#59686).
const http = process.getBuiltinModule('node:http');
export const clients = { 'https:': https, 'http:': http };
export type Protocol = keyof typeof clients;

export interface RacedRequest extends RequestOptions {
  /** Aborted when the request is over: then its connection is given up, if there is none yet. */
  readonly over?: AbortSignal;
}

interface To extends RaceOptions {
  /** Whether no proxy may lead there: it is the proxy. */
  readonly direct?: boolean;
}

/** @param options Node's. A certificate is verified whatever they or the environment say (NODE_TLS_REJECT_UNAUTHORIZED). */
export function agentFor(protocol: Protocol, options: AgentOptions): Agent {
  const agent = new clients[protocol].Agent({ ...options, rejectUnauthorized: true });
  const secured = agent.createConnection.bind(agent);
  agent.createConnection = (options, done) => {
    const to = options as To;
    const connected: Connected = (error, socket) =>
      done!(error, (error || protocol === 'http:' ? socket : secured({ ...to, socket } as never)) as Socket);
    // Plain HTTP goes to this machine alone, and there is no proxy to that.
    const proxy = protocol === 'http:' || to.direct ? undefined : proxyFor(to.host, to.port);
    if (proxy === undefined) race(to, connected);
    else tunnel(proxy, to, connected);
    return undefined;
  };
  return agent;
}

/** A connection through a proxy, which sees where it leads and nothing of what goes over it: TLS is made on it. RFC 9110, section 9.3.6. */
function tunnel({ protocol, hostname, port, username, password }: URL, { host, port: at, over }: To, done: Connected) {
  const path = `${host.includes(':') ? `[${host}]` : host}:${at}`;
  const credentials = Buffer.from(decodeURIComponent(`${username}:${password}`)).toString('base64');
  const to = { host: bare(hostname), port, over, direct: true, agent: agentFor(protocol as Protocol, {}) };
  const headers = { host: path, ...(username && { 'proxy-authorization': `Basic ${credentials}` }) };
  const asked = clients[protocol as Protocol].request({ ...to, method: 'CONNECT', path, headers } as RequestOptions);
  asked.on('error', done);
  asked.on('connect', ({ statusCode }, socket) => {
    if (statusCode === 200) return done(null, socket);
    socket.destroy();
    done(Object.assign(new Error('no tunnel'), { code: 'ERR_PROXY_TUNNEL' })); // as Node calls it
  });
  over?.addEventListener('abort', () => asked.destroy());
  asked.end();
}

/** As sockets take it: the address of a URL has brackets when it is IPv6. */
export const bare = (hostname: string) => hostname.replace(/^\[|\]$/g, '');
