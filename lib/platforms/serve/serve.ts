// A server of one's own: HTTP, workers, schedules and metrics in one process, any number of which may run side by side where ledger and
// store are shared. It goes by the environment, which is read when this is loaded.

import { originsIn } from '../../application/cors.ts';
import { stateConfiguration } from '../../application/one-configuration.ts';
import { systemClock } from '../../clock.ts';
import { type LedgerLook, lookAtLedger } from '../../vending/ledger-look.ts';
import { alibabaBus } from '../alibaba-bus.ts';
import { publisher as busPublisher } from '../aws/ports.ts';
import { configuration } from '../checked-configuration.ts';
import type { Configuration } from '../configuration.ts';
import { forRotation } from '../for-rotation.ts';
import { contextFields } from '../log-context.ts';
import { log, watchLines } from '../logger.ts';
import { measure } from '../metrics/meter.ts';
import type { PlatformConfiguration } from '../platform-table.ts';
import { type Portal, portal, portalFolder } from '../portal.ts';
import { runtime } from '../runtime.ts';
import { endpoints } from './endpoints.ts';
import { ALIBABA_BUS, BUS, inbox } from './inbox.ts';
import { type Bus, startJobs } from './jobs.ts';
import { startMetrics } from './metrics.ts';
import { readiness } from './readiness.ts';
import { startServer } from './server.ts';
import { startStatus } from './status.ts';
import { type Webhook, webhookSecrets } from './webhook.ts';
import type { Stoppable } from './workers.ts';

export interface Serving extends Stoppable {
  /** Where requests are answered, and where metrics are shown. */
  readonly url: string;
  readonly metricsUrl?: string;
  /** Whether its ledger is the one that it was; pages through all of it. */
  ledger(): Promise<LedgerLook>;
}

/** @throws {TypeError} @throws {VendingError} what ledger, store or inbox refuse */
export async function serve(): Promise<Serving> {
  const here = configuration as Configuration & PlatformConfiguration<'serve'>;
  const [tls, webhook, page] = [tlsOf(here), webhookOf(here), portalOf(here)]; // what is wrong with them is said before anything is opened
  // Before anything is opened: what is opened is measured from the start.
  let isReady = async () => false;
  const metrics = startMetrics(inbox, () => isReady());
  const { route, messages } = await endpoints();
  const { ledger, store } = await runtime.ports();
  await (await inbox()).counts(); // tables that cannot be had stop the start, and not the first message
  await stateConfiguration(ledger, systemClock, forRotation.own());
  const ready = readiness(ledger, inbox, systemClock);
  isReady = () => ready.isReady();
  watchLines({ fields: contextFields });

  const server = await startServer({
    listen: here.KEYVEND_LISTEN,
    basePath: here.KEYVEND_BASE_PATH,
    ...(tls && { tls }),
    ...(page && { portal: page }),
    mostRequests: here.KEYVEND_MOST_REQUESTS,
    origins: originsIn(configuration.KEYVEND_CORS_ORIGINS),
    clock: systemClock,
    route,
    ready: () => ready.look(),
    refusedEarly: (status, code) => measure('request', { operation: 'none', status: String(status), code }, 0),
    tlsRead: (failed) => (failed === undefined ? log.info('certificate read', {}) : log.failed(failed)),
  });
  const status = await startStatus(here.KEYVEND_METRICS_LISTEN, metrics, ready);
  const jobs = startJobs({
    recoverEveryMs: here.KEYVEND_RECOVERY_SECONDS * 1_000,
    workers: here.KEYVEND_WORKERS,
    messages,
    metrics,
    ...(webhook && { webhook }),
    buses: busesOf(here),
  });
  return {
    url: server.url,
    ...(status && { metricsUrl: status.url }),
    ledger: async () => lookAtLedger(await runtime.ports()),
    async stop() {
      ready.stop();
      await Promise.all([server.stop(), jobs.stop()]);
      await status?.stop();
      await Promise.all([ledger.close(), store.close(), inbox().then((opened) => opened.close())]);
    },
  };
}

function busesOf(here: Configuration & PlatformConfiguration<'serve'>): readonly Bus[] {
  const ofAws = here.KEYVEND_BUS === undefined ? undefined : busPublisher(here as never, systemClock);
  const ofAlibaba = alibabaBus(here, systemClock);
  return [
    ...(ofAws ? [{ queue: BUS, publish: ofAws }] : []),
    ...(ofAlibaba ? [{ queue: ALIBABA_BUS, publish: ofAlibaba }] : []),
  ];
}

function webhookOf(here: PlatformConfiguration<'serve'>): Webhook | undefined {
  const { KEYVEND_WEBHOOK_URL: url, KEYVEND_WEBHOOK_SECRET_FILE: file } = here;
  if (url === undefined) return undefined;
  if (file === undefined)
    throw new TypeError('KEYVEND_WEBHOOK_URL needs KEYVEND_WEBHOOK_SECRET_FILE: events are signed');
  webhookSecrets(file);
  return { url, secrets: () => webhookSecrets(file) }; // read each time: a secret is changed by adding another one
}

function portalOf(here: Configuration & PlatformConfiguration<'serve'>): Portal | undefined {
  const { KEYVEND_PORTAL_CLIENT_ID: clientId, KEYVEND_PORTAL_SCOPE: scope, KEYVEND_PORTAL_RESOURCE: resource } = here;
  if (clientId === undefined) return undefined;
  const folder = portalFolder();
  if (folder === undefined)
    throw new TypeError('KEYVEND_PORTAL_CLIENT_ID is set, and the portal is not built: npm run portal');
  if (!URL.canParse(here.KEYVEND_ISSUER))
    throw new TypeError('KEYVEND_PORTAL_CLIENT_ID needs a KEYVEND_ISSUER that is an address: people sign in there');
  return portal(folder, {
    issuer: here.KEYVEND_ISSUER,
    clientId,
    ...(scope && { scope }),
    ...(resource && { resource }),
  });
}

function tlsOf(here: PlatformConfiguration<'serve'>): { certFile: string; keyFile: string } | undefined {
  const { KEYVEND_TLS_CERT_FILE: certFile, KEYVEND_TLS_KEY_FILE: keyFile } = here;
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile };
  throw new TypeError('KEYVEND_TLS_CERT_FILE and KEYVEND_TLS_KEY_FILE belong together: set both, or none');
}
