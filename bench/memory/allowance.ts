// Less than one processor, as a function with little memory has it: so much processor time in each period, and then a stop until the next.
// Linux's own limit needs a control group and root; this needs neither. It is checked against what the process says that it has used.
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

const PERIOD_MS = 20;

/** Lambda gives one processor for each 1,769 MB. Source: AWS Lambda, "Configure Lambda function memory". */
export const processors = (memoryMB: number): number => memoryMB / 1_769;

/** Runs in a thread of its own, which sees at once when a process has had its share. */
const watch = `
  const { readdirSync, readFileSync } = require('node:fs');
  const { workerData: { pid, share, periodMs } } = require('node:worker_threads');
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const used = () => readdirSync('/proc/' + pid + '/task').reduce((sum, task) => {
    try { return sum + Number(readFileSync('/proc/' + pid + '/task/' + task + '/schedstat', 'utf8').split(' ')[0]) / 1e6; } catch { return sum; }
  }, 0);
  try {
    let [allowed, before] = [share * periodMs, used()];
    for (let endMs = performance.now() + periodMs; ; endMs += periodMs) {
      while (performance.now() < endMs) {
        if (used() - before >= allowed) {
          process.kill(pid, 'SIGSTOP');
          Atomics.wait(cell, 0, 0, Math.max(0, endMs - performance.now()));
          process.kill(pid, 'SIGCONT');
        } else Atomics.wait(cell, 0, 0, 0.3);
      }
      const now = used();
      allowed = share * periodMs - Math.max(0, now - before - allowed); // what was too much is owed
      before = now;
    }
  } catch {} // it has ended`;

/** Holds the process to that share of one processor until it ends; from a whole one on nothing is held. */
export function allow({ pid }: ChildProcess, share: number): void {
  if (share >= 1 || pid === undefined) return;
  new Worker(watch, { eval: true, workerData: { pid, share, periodMs: PERIOD_MS } }).unref();
}

/** Whether this machine tells how much processor time a thread has had. */
export function canAllow(): boolean {
  try {
    return readdirSync('/proc/self/task').every((task) =>
      /^\d+ /.test(readFileSync(`/proc/self/task/${task}/schedstat`, 'utf8')),
    );
  } catch {
    return false;
  }
}
