// An endpoint as a function of the platform: its event in, its answer out.
import { leftMsOf, requestOf, responseOf } from '#platform/http.ts';
import { bearer } from '../access/bearer.ts';
import { awsCaller } from '../access/principal.ts';
import { originsIn, preflightAnswer, readableBy } from '../application/cors.ts';
import { type Around, type Endpoint, type HttpRequest, type HttpResponse, respond } from '../application/http.ts';
import { systemClock } from '../clock.ts';
import { operationOf } from '../contract/routes.ts';
import { codeOf } from '../errors.ts';
import { access } from './access.ts';
import { configuration } from './checked-configuration.ts';
import { issuersFrom } from './issuers.ts';
import { log } from './logger.ts';
import { flushMetrics, isMeasured, measure } from './metrics/meter.ts';

const issuers = issuersFrom(configuration, access, systemClock, log);
const verifyToken = bearer(issuers, systemClock);
// Of several, the first token says which.
if (issuers.length === 1) issuers[0]!.keys.fetchEarly();

const around: Around = {
  async verify({ headers, signedBy }, leftMs) {
    const authorization = headers.get('authorization');
    // A request that the gateway took for signed; whoever may invoke the function by itself could write that as they please.
    const signer =
      configuration.KEYVEND_AWS_CALLERS === 'true' && signedBy !== undefined ? awsCaller(signedBy) : undefined;
    return signer ?? verifyToken(authorization, leftMs);
  },
  failed: log.failed,
};

/** Of one function; a server that has them all says which operation it is before this. */
async function answered(
  endpoint: Endpoint,
  event: unknown,
  context: unknown,
  read: (longestBody: number) => HttpRequest,
): Promise<HttpResponse> {
  if (!isMeasured()) return respond(read, () => leftMsOf(context), endpoint, around);
  const beganMs = systemClock.monotonicMs();
  let code = '';
  const failed = (error: unknown) => {
    code = codeOf(error);
    around.failed(error);
  };
  const answer = await respond(read, () => leftMsOf(context), endpoint, { ...around, failed });
  const operation = operationOf(requestOf(event, Number.POSITIVE_INFINITY));
  measure('request', { operation, status: String(answer.status), code }, systemClock.monotonicMs() - beganMs);
  return answer;
}

const origins = originsIn(configuration.KEYVEND_CORS_ORIGINS);

export const overHttp =
  (endpoint: Endpoint) =>
  async (event: unknown, context: unknown): Promise<unknown> => {
    const read = (longestBody: number) => requestOf(event, longestBody);
    const answer = () => answered(endpoint, event, context, read);
    if (origins.size === 0) return responseOf(await answer().finally(flushMetrics));
    const asked = requestOf(event, Number.POSITIVE_INFINITY);
    return responseOf(
      preflightAnswer(origins, asked) ?? readableBy(origins, asked.headers, await answer().finally(flushMetrics)),
    );
  };
