// The scheduled functions, called at the start and then as often as serverless.yml says, or more often where that is asked for.
import { contextFor, handlerOf } from './invoke.ts';
import type { Scheduled } from './routes.ts';

export interface Schedule {
  /** Ends once the call in hand is done. */
  stop(): Promise<void>;
}

export async function onSchedule({ handler: name, everyMs, input }: Scheduled): Promise<Schedule> {
  const handler = await handlerOf(name);
  let running: Promise<unknown> = Promise.resolve();
  const again = () => {
    // One after the other: on one machine the next call would find what this one is working on.
    running = running.then(() => handler(input, contextFor(name))).catch(() => {}); // its own log says why
  };
  again();
  const timer = setInterval(again, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
