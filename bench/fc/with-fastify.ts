// The catalog behind the framework that a server of one's own has, in place of node:http alone: for comparison.
import { catalog } from '../../lib/application/catalog-endpoint.ts';
import { contractDocument } from '../../lib/application/contract-document.ts';
import { systemClock } from '../../lib/clock.ts';
import { log } from '../../lib/platforms/logger.ts';
import { records } from '../../lib/platforms/records.ts';
import { routed } from '../../lib/platforms/routed.ts';
import { startServer } from '../../lib/platforms/serve/server.ts';

startServer({
  listen: `0.0.0.0:${process.env.KEYVEND_FC_PORT}`,
  basePath: '',
  origins: new Set(),
  mostRequests: 256,
  clock: systemClock,
  route: routed({ catalog: catalog(records, { inbox: true, document: contractDocument }) }),
  ready: async () => ({ ready: true, parts: { ledger: 'ok', inbox: 'ok', process: 'ok' } }),
  refusedEarly() {},
  tlsRead() {},
}).catch(log.failed);
