// What can go wrong with one call through a port, and when it does: by the seed, or exactly where a run says.
import type { Random } from '../random.ts';

export const faults = [
  'crash before', // it dies instead of asking
  'crash after', // it dies when the answer arrives
  'request lost', // nothing arrives, and the caller waits until its time is up
  'answer lost', // it is carried out, and the caller waits until its time is up
  'late', // it is carried out long after the caller has given up, or refused for its age
  'throttled', // refused, and so told
  'fails', // 5xx, and nothing was done
  'fails after', // 5xx, and it was done
  'slow', // carried out within the caller's time, but only just
  'frozen before', // the process stops for a long while before it asks
  'frozen after', // and when the answer has arrived
] as const;
export type Fault = (typeof faults)[number];

export interface FaultPlan {
  /** @param step counts from 1 within the process */
  at(process: string, step: number, call: string): Fault | undefined;
}

export const none: FaultPlan = { at: () => undefined };

/** @param given `process step` to the fault */
export const exactly = (given: Readonly<Record<string, Fault>>): FaultPlan => ({
  at: (process, step) => given[`${process} ${step}`],
});

export const byChance = (random: Random, probability: number): FaultPlan => ({
  at: () => (random.chance(probability) ? random.pick(faults) : undefined),
});
