// One JSON line per thing worth knowing.
import { Logger } from '@aws-lambda-powertools/logger';
import { aboutOf } from '../application/about.ts';
import type { Log } from '../application/runtime.ts';
import { VendingError } from '../errors.ts';

export const logger = new Logger({ serviceName: 'keyvend' });

export const log: Log = {
  info: (message, fields) => logger.info(message, { ...fields }),
  warn: (message, fields) => logger.warn(message, { ...fields }),
  failed(error, place) {
    const named = { ...aboutOf(error), ...place };
    if (error instanceof VendingError) {
      const { code, effect, upstreamCode, requestId, retryAfterMs } = error;
      logger.warn('failed', { ...named, code, effect, upstreamCode, upstreamRequestId: requestId, retryAfterMs });
    } else {
      logger.error('failed', { ...named, code: 'INTERNAL', kind: error instanceof Error ? error.name : typeof error });
    }
  },
};
