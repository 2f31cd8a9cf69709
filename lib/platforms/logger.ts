// One JSON line per thing worth knowing.
import { Logger } from '@aws-lambda-powertools/logger';
import { aboutOf } from '../application/about.ts';
import type { Log } from '../application/runtime.ts';
import { fieldsIn } from '../contract/problem-of.ts';
import { codeOf, VendingError } from '../errors.ts';
import { failureMeasured, figuresMeasured, infoMeasured, warningMeasured } from './metrics/from-lines.ts';

export const logger = new Logger({ serviceName: 'keyvend' });

/** What a process may add that does several things at a time, which a function does not: nothing of it is loaded there. */
interface Watch {
  /** Fields of whatever a line belongs to. */
  fields(): Readonly<Record<string, string>>;
}
let watch: Watch = { fields: () => ({}) };
export const watchLines = (by: Watch): void => {
  watch = by;
};

export const log: Log = {
  info(message, fields) {
    infoMeasured(message, fields);
    logger.info(message, { ...watch.fields(), ...fields });
  },
  figures: figuresMeasured,
  warn(message, fields) {
    warningMeasured(message);
    logger.warn(message, { ...watch.fields(), ...fields });
  },
  failed(error, place) {
    const named = { ...watch.fields(), ...aboutOf(error), ...place };
    failureMeasured(codeOf(error), error instanceof VendingError ? error.effect : 'none');
    if (error instanceof VendingError) {
      const { code, effect, upstreamCode, requestId, retryAfterMs } = error;
      const fields = { upstreamCode, upstreamRequestId: requestId, retryAfterMs, errors: fieldsIn(error) };
      logger.warn('failed', { ...named, code, effect, ...fields });
    } else {
      logger.error('failed', { ...named, code: 'INTERNAL', kind: error instanceof Error ? error.name : typeof error });
    }
  },
};
