// `keyvend serve`: a server of one's own, until it is told to stop.
import { doubtsAbout } from './print-ledger.ts';
import { configurationFile } from './run-here.ts';
import { serverEnvironment, withAccess } from './server-configuration.ts';

/** What an answer may take, and some more; then whoever started this would end it by force. */
const LONGEST_STOP_MS = 60_000;

/** @throws {TypeError} for a configuration that cannot work @throws {VendingError} what ledger, store or inbox refuse */
export async function serveHere(): Promise<void> {
  Object.assign(process.env, withAccess(serverEnvironment(configurationFile(), process.env)));
  const { log } = await import('../lib/platforms/logger.ts');
  const { serve } = await import('../lib/platforms/serve/serve.ts'); // reads its configuration when it is loaded
  const serving = await serve();
  log.info('listening', { url: serving.url, ...(serving.metricsUrl && { metrics: serving.metricsUrl }) });
  // A store whose keys were not restored, or a ledger that was copied, is said before anybody relies on it.
  const looking = serving.ledger().then((look) => {
    for (const doubt of doubtsAbout(look)) log.warn('ledger doubtful', { doubt });
  }, log.failed);

  const stop = (): void => {
    log.info('stopping', {});
    setTimeout(() => process.exit(1), LONGEST_STOP_MS).unref();
    looking
      .then(() => serving.stop())
      .then(
        () => process.exit(0),
        (error) => {
          log.failed(error);
          process.exit(1);
        },
      );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}
