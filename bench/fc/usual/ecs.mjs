// Key pairs of ECS as a function of Function Compute, the usual way: a server, and the official client of each service.
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { z } from 'zod';
import { Body, cloud } from '../../cold-start/usual/ecs-cloud.mjs';
import { vendWith } from '../../cold-start/usual/vending.mjs';
import * as ledger from './ledger.mjs';
import * as secrets from './secrets.mjs';

const { KEYVEND_ISSUER: issuer, KEYVEND_AUDIENCE: audience, KEYVEND_JWKS_URI, KEYVEND_FC_PORT } = process.env;
const keys = createRemoteJWKSet(new URL(KEYVEND_JWKS_URI));

async function answered(request) {
  const token = request.headers.authorization?.replace(/^Bearer /i, '') ?? '';
  const { payload } = await jwtVerify(token, keys, { issuer, audience, algorithms: ['RS256', 'ES256'] });
  const { account, region, name, ...rest } = Body.parse(await json(request));
  const identity = { provider: 'ecs', account, region, name };
  const vended = await vendWith({ ...ledger, ...secrets }, cloud, identity, rest, `${payload.iss} ${payload.sub}`);
  return [vended.made ? 201 : 200, { keyPairId: vended.keyPairId, fingerprint: vended.fingerprint }];
}

createServer((request, response) => {
  void answered(request)
    .catch((error) => [error instanceof z.ZodError ? 400 : (error.statusCode ?? 500), { message: error.message }])
    .then(([status, body]) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
    );
}).listen(Number(KEYVEND_FC_PORT), '0.0.0.0');
