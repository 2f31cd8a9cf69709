// An endpoint as a function of the platform: its event in, its answer out.
import { leftMsOf, requestOf, responseOf } from '#platform/http.ts';
import { bearer } from '../access/bearer.ts';
import { type Endpoint, respond } from '../application/http.ts';
import { systemClock } from '../clock.ts';
import { configuration } from './checked-configuration.ts';
import { issuersFrom } from './issuers.ts';
import { log } from './logger.ts';

const around = {
  verify: bearer(issuersFrom(configuration, systemClock, log), systemClock),
  failed: log.failed,
};

export const overHttp =
  (endpoint: Endpoint) =>
  async (event: unknown, context: unknown): Promise<unknown> => {
    const read = (longestBody: number) => requestOf(event, longestBody);
    return responseOf(await respond(read, () => leftMsOf(context), endpoint, around));
  };
