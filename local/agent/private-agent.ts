// An ssh-agent for one connection: its socket is in a folder that only its owner can enter, and both are gone afterwards, however this
// process ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PrivateAgent {
  readonly folder: string;
  readonly socket: string;
  /** Ends it and removes the folder. */
  end(): Promise<void>;
}

/**
 * A shell starts the agent and waits for the end of its input, which comes when this process ends, be it by SIGKILL. In a session of its
 * own, so that Ctrl-C in the terminal does not end it first.
 */
const script = `ssh-agent -D -a "$1/agent" & agent=$!; exec >/dev/null; cat; kill "$agent"; wait "$agent"; rm -rf "$1"`;

/** @throws {TypeError} where there is no ssh-agent */
export async function privateAgent(): Promise<PrivateAgent> {
  const folder = await mkdtemp(join(tmpdir(), 'keyvend-agent-'));
  const keeper = spawn('/bin/sh', ['-c', script, 'sh', folder], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH ?? '' }, // nothing that the caller has is its business
  });
  const gone = once(keeper, 'exit');
  const end = async () => {
    keeper.stdin!.end();
    await gone;
  };
  if (!(await hasBegun(keeper))) {
    await end();
    throw new TypeError('ssh-agent did not start; install OpenSSH');
  }
  return { folder, socket: join(folder, 'agent'), end };
}

/** It prints where it listens once it does. */
async function hasBegun({ stdout }: ChildProcess): Promise<boolean> {
  for await (const _ of stdout!) return true;
  return false;
}
