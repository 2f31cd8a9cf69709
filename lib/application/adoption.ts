// Having keyvend look after a pair that was there before. Its private key comes with the request and goes into the store; no answer, log or
// problem has any of it.
import { deadlineIn } from '../clock.ts';
import { type AdoptionRequest, adoptedKey, adoptionBody } from '../contract/adoption.ts';
import { locationOf } from '../contract/location.ts';
import type { Identity } from '../identity.ts';
import type { ProviderName } from '../provider-table.ts';
import { type AdoptCommand, adopt } from '../vending/adopt.ts';
import type { Ports } from '../vending/ports.ts';
import type { Request } from '../vending/record.ts';
import type { Actor } from '../vending/trail-entry.ts';
import { parsedBody } from './body.ts';
import type { ApiAnswer, ApiCall } from './http.ts';
import { inTime } from './in-time.ts';
import type { Runtime } from './runtime.ts';
import { withinStore } from './within-store.ts';

export interface AdoptingParts {
  readonly runtime: Runtime;
  readonly provider: ProviderName;
  readonly ports: () => Promise<Omit<Ports, 'actor'>>;
  /** @throws {VendingError} FORBIDDEN, before anything is read */
  readonly permitted: (
    call: ApiCall,
    order: { readonly identity: Identity; readonly request: Request },
  ) => Promise<Pick<AdoptCommand, 'caller' | 'admit' | 'usualSecretKey'> & { readonly actor: Actor }>;
}

export async function adoption(
  { runtime, provider, ports, permitted }: AdoptingParts,
  identity: Identity,
  call: ApiCall,
): Promise<ApiAnswer> {
  const body = parsedBody(adoptionBody(provider), call.request);
  const { privateKey, publicKey, keyless: _, dryRun = false, ...request } = body as AdoptionRequest & Request;
  const order = withinStore(runtime.settings, { identity, request });
  const { actor, ...allowed } = await permitted(call, order);
  const key = adoptedKey({ privateKey, publicKey });
  const command = { ...order, ...allowed, key, dryRun, deadline: deadlineIn(runtime.clock, call.leftMs) };
  const done = await inTime(adopt({ ...(await ports()), actor }, command), call.leftMs);
  const { keyPairId, adopted, stored } = done;
  if (!dryRun) runtime.log.info('adopted', { ...identity, keyPairId, adopted, stored });
  return {
    status: adopted && !dryRun ? 201 : 200,
    body: { ...done, dryRun },
    headers: { location: locationOf(identity) },
  };
}
