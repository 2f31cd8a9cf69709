// One JSON line per thing worth knowing.
import { Logger } from '@aws-lambda-powertools/logger';
import { aboutOf } from '../application/about.ts';
import type { Log } from '../application/runtime.ts';
import { fieldsIn } from '../contract/problem-of.ts';
import { VendingError } from '../errors.ts';
import { contextFields } from './log-context.ts';

export const logger = new Logger({ serviceName: 'keyvend' });

/** A line that an operator may have to see to. */
type Doubt = (message: string, code: string) => void;
let doubt: Doubt = () => {};
/** Has `seen` called with the message of each such line, and with its code where it has one. */
export const onDoubt = (seen: Doubt): void => {
  doubt = seen;
};

export const log: Log = {
  info: (message, fields) => logger.info(message, { ...contextFields(), ...fields }),
  warn(message, fields) {
    doubt(message, '');
    logger.warn(message, { ...contextFields(), ...fields });
  },
  failed(error, place) {
    const named = { ...contextFields(), ...aboutOf(error), ...place };
    doubt('failed', error instanceof VendingError ? error.code : 'INTERNAL');
    if (error instanceof VendingError) {
      const { code, effect, upstreamCode, requestId, retryAfterMs } = error;
      const fields = { upstreamCode, upstreamRequestId: requestId, retryAfterMs, errors: fieldsIn(error) };
      logger.warn('failed', { ...named, code, effect, ...fields });
    } else {
      logger.error('failed', { ...named, code: 'INTERNAL', kind: error instanceof Error ? error.name : typeof error });
    }
  },
};
