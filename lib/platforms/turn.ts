// What is done once in a period, whichever of the deployment's processes comes first.
import { records } from './records.ts';

/** @returns whether no other process of the deployment has taken this period */
export async function isTurnOf(name: string, everyMs: number): Promise<boolean> {
  const nowMs = records.clock.wallMs();
  const id = records.newId();
  const key = `turn ${name} ${Math.floor(nowMs / everyMs)}`;
  return (await (await records.ledger()).remember(key, id, nowMs, nowMs + 2 * everyMs)) === id;
}
