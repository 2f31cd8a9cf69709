// What every connection of ours over HTTP is made by: Node's own agent, which keeps connections and TLS sessions, on a TCP connection
// to whichever address of the host answers first.
import type { Agent, RequestOptions } from 'node:http';
import https, { type AgentOptions } from 'node:https';
import type { Socket } from 'node:net';
import { type RaceOptions, race } from './race.ts';

// Not imported: an ES module that imports node:http loads undici with it, 25 ms of a cold start (nodejs/node#59686).
const http = process.getBuiltinModule('node:http');
export const clients = { 'https:': https, 'http:': http };
export type Protocol = keyof typeof clients;

export interface RacedRequest extends RequestOptions {
  /** Aborted when the request is over: then its connection is given up, if there is none yet. */
  readonly over?: AbortSignal;
}

/** @param options Node's. A certificate is verified whatever they or the environment say (NODE_TLS_REJECT_UNAUTHORIZED). */
export function agentFor(protocol: Protocol, options: AgentOptions): Agent {
  const agent = new clients[protocol].Agent({ ...options, rejectUnauthorized: true });
  const secured = agent.createConnection.bind(agent);
  agent.createConnection = (to, done) => {
    race(to as RaceOptions, (error, socket) => {
      if (error) done!(error, undefined as never);
      else done!(null, protocol === 'http:' ? socket! : (secured({ ...to, socket } as never) as Socket));
    });
    return undefined;
  };
  return agent;
}

export const isLoopback = (hostname: string) => /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
