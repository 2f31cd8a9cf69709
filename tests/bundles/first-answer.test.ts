// What a deployed function has loaded of Node once it has answered for the first time, in a process of its own, against
// a stand-in of everything it calls. Counted, not timed: undici alone (by fetch or importing node:http) costs 50 ms.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environment } from '../../bench/cold-start/environment.ts';
import { handlers, ON_RECORD } from '../../bench/cold-start/handlers.ts';
import { sample } from '../../bench/cold-start/sample.ts';
import { type StandIn, startStandIn } from '../../bench/cold-start/stand-in/start.ts';
import { keyvend } from '../../bench/cold-start/variants.ts';

const MOST_BUILT_INS = 75;

describe('a deployed function that has answered once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyvend-first-answer-'));
  let standIn: StandIn;
  beforeAll(async () => {
    standIn = await startStandIn();
    writeFileSync(join(folder, 'ca.pem'), standIn.ca);
    mkdirSync(join(folder, 'home'));
    await answered(handlers(['ecs.http'])[0]!, ON_RECORD);
  });
  afterAll(async () => {
    await standIn.stop();
    rmSync(folder, { recursive: true });
  });

  const answered = async (handler: ReturnType<typeof handlers>[number], name: string) => {
    const { file, exported } = await keyvend(handler, folder);
    const event = handler.event({ name, token: standIn.token });
    const variables = environment(standIn, join(folder, 'ca.pem'), join(folder, 'home'));
    return sample({ file, exported, event, expected: handler.expected, environment: variables, pinned: false });
  };

  it.each(handlers().map((handler) => [handler.name, handler] as const))(
    '%s has loaded little of Node, and undici not at all',
    async (_, handler) => {
      const { builtins, undici } = await answered(handler, `first_${handler.module}`);
      expect(undici).toBe(false);
      expect(builtins).toBeLessThanOrEqual(MOST_BUILT_INS);
      expect(builtins).toBeGreaterThan(20); // it did something
    },
  );
});
