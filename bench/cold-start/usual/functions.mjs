// What is around every function: the logger, the token, the answer's form; and each message of a batch for itself.
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { z } from 'zod';

const logger = new Logger({ serviceName: 'keyvend' });
const { KEYVEND_ISSUER: issuer, KEYVEND_AUDIENCE: audience, KEYVEND_JWKS_URI } = process.env;
const keys = createRemoteJWKSet(new URL(KEYVEND_JWKS_URI));

const authorized = {
  async before(request) {
    const token = request.event.headers?.authorization?.replace(/^Bearer /i, '') ?? '';
    const { payload } = await jwtVerify(token, keys, { issuer, audience, algorithms: ['RS256', 'ES256'] }).catch(() => {
      throw Object.assign(new Error('The token is not accepted'), { statusCode: 401 });
    });
    request.event.caller = `${payload.iss} ${payload.sub}`;
  },
  onError(request) {
    const { error } = request;
    logger.error('failed', error);
    const statusCode = error instanceof z.ZodError ? 400 : (error.statusCode ?? 500);
    request.response = answer(statusCode, { message: error.message });
  },
};

export const answer = (statusCode, body, headers) => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(body),
});

export const httpFunction = (act) => middy().use(injectLambdaContext(logger)).use(authorized).handler(act);

const vendingOverHttp = (schema, act) =>
  httpFunction(async (event) => {
    const { made, keyPairId, fingerprint, usage } = await act(schema.parse(JSON.parse(event.body)), event.caller);
    return answer(made ? 201 : 200, { keyPairId, fingerprint }, usage && { 'key-pair-usage': usage });
  });

const vendingFromQueue = (schema, act) =>
  middy()
    .use(injectLambdaContext(logger))
    .handler(async ({ Records }) => {
      const done = await Promise.allSettled(
        Records.map(async ({ body }) => {
          const { provider, ...request } = JSON.parse(body);
          return act(schema.parse(request), 'queue');
        }),
      );
      return {
        batchItemFailures: Records.flatMap(({ messageId }, i) => {
          if (done[i].status === 'fulfilled') return [];
          logger.error('failed', done[i].reason);
          return [{ itemIdentifier: messageId }];
        }),
      };
    });

/** The functions of one provider, over HTTP and from its queue. */
export function functionsOf(schema, act) {
  const logged = async (body, caller) => {
    const vended = await act(body, caller);
    logger.info('vended', { keyPairId: vended.keyPairId, made: vended.made });
    return vended;
  };
  return { http: vendingOverHttp(schema, logged), queue: vendingFromQueue(schema, logged) };
}
