// `keyvend serve` as a process of its own; messages wait beside its ledger.

import { type Child, start } from '../../bench/chaos/children.ts';
import { OPEN } from '../../lib/access/access-document.ts';
import { aheadBy } from '../doubles/ahead.ts';
import { around, fresh } from './around.ts';
import type { Cell } from './cells.ts';
import { answeredBy, LATER_MS, region, type Subject, until } from './subject.ts';

export async function onServe(cell: Cell): Promise<Subject> {
  const here = await around(cell);
  const isShared = cell.ledger !== 'sqlite';
  const environment = {
    ...{ ...here.environment, KEYVEND_ACCESS: OPEN, KEYVEND_UPSTREAM: JSON.stringify(here.upstream) },
    ...{ KEYVEND_LISTEN: '127.0.0.1:0', KEYVEND_METRICS_LISTEN: '', KEYVEND_RECOVERY_SECONDS: '1' },
    ...(isShared && { KEYVEND_TAKE_OVER_MS: '60000' }), // their clocks may differ
  };
  const children: Child[] = [];
  let url = '';
  const begin = async (aheadMs: number) => {
    const child = start('local/keyvend.ts', ['serve'], { ...environment, ...aheadBy(aheadMs) });
    children.push(child);
    const [line] = await child.said(/^\{.*"message":"listening".*\}$/);
    url = String(JSON.parse(line).url);
    await until('readiness', async () => ((await fetch(`${url}/ready`)).status === 200 ? true : undefined));
  };
  const stop = async () => {
    for (const child of children) await child.kill('SIGKILL');
    await here.stop();
  };
  const ask: Subject['ask'] = async (...words) => answeredBy(url, await here.issuer.token('operator', 2), ...words);
  await begin(0).catch((error) => stop().then(() => Promise.reject(error)));
  return {
    ...{ clouds: here.clouds, hostAddress: '127.0.0.1', store: here.store, ask, stop, turn: async () => {} },
    async deliver() {
      const name = fresh('filed');
      const filed = await ask('POST', '/v1/requests', { provider: 'ecs', name, region });
      if (filed.status !== 202) throw new Error(`a request was answered ${filed.status} ${filed.body.code}`);
      return [{ by: 'POST /v1/requests', name }];
    },
    kill: () => children.at(-1)!.kill('SIGKILL'),
    async again() {
      const aheadMs = isShared ? LATER_MS : 0;
      here.clouds.admin.setClockOffset(aheadMs);
      here.store.setAhead(aheadMs);
      await begin(aheadMs);
      return aheadMs;
    },
    printed: () => children.map((child) => child.printed()).join(''),
  };
}
