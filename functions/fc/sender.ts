// Sends the events that wait in the inbox, those of one key pair in their order.
import { systemClock } from '../../lib/clock.ts';
import { alibabaBus } from '../../lib/platforms/alibaba-bus.ts';
import { configuration } from '../../lib/platforms/checked-configuration.ts';
import { byJob, takeEvents } from '../../lib/platforms/fc/function.ts';
import { type Work, workOn } from '../../lib/platforms/fc/working.ts';
import { ALIBABA_BUS, EVENTS } from '../../lib/platforms/filing.ts';
import { log } from '../../lib/platforms/logger.ts';
import type { PlatformConfiguration } from '../../lib/platforms/platform-table.ts';
import { sending } from '../../lib/platforms/serve/sending.ts';
import { SEND_MS, secretsIn, sendingTo } from '../../lib/platforms/serve/webhook.ts';
import { createTransport } from '../../lib/transport/transport.ts';

const { KEYVEND_WEBHOOK_URL: url, KEYVEND_WEBHOOK_SECRET: secret } = configuration;
const queues = new Map<string, Work>();
if (url !== undefined) {
  const secrets = secretsIn(String(secret), 'KEYVEND_WEBHOOK_SECRET');
  const around = { transport: createTransport({ clock: systemClock }), clock: systemClock, failed: log.failed };
  queues.set(EVENTS, { workMs: SEND_MS, take: sendingTo({ url: String(url), secrets: () => secrets, ...around }) });
}

const publish = alibabaBus(configuration as unknown as PlatformConfiguration<'fc'>, systemClock);
if (publish !== undefined) {
  const send = sending(({ body }) => publish(JSON.parse(body)), { clock: systemClock, failed: log.failed });
  queues.set(ALIBABA_BUS, { workMs: SEND_MS, take: send });
}

takeEvents(byJob({ send: (leftMs) => workOn(queues, leftMs) }), { wakes: [], needs: ['inbox'] });
