// The secret that a call names, and whether it can be used now.
import type { Call } from '../../protocols/protocol.ts';
import type { KmsSecret } from '../../state/secrets.ts';
import type { World } from '../service.ts';
import { refuseKms } from './errors.ts';
import { text } from './parameters.ts';

/** In memory alone: what is in a secret stands in no file, so no secret does. */
export function keep({ secrets, nowMs }: World, secret: KmsSecret): void {
  secrets.put({ ...secret, updatedAtMs: nowMs });
}

/** Also one whose deletion is scheduled. @throws {Refused} Forbidden.ResourceNotFound */
export function known({ secrets, place, nowMs }: World, call: Call): KmsSecret {
  // An ARN names it as well. One of another account or region is nobody's here: no policy of a secret is kept that could permit it.
  const [, region, account, bare] = /^acs:kms:([^:]*):([^:]*):secret\/(.*)$/.exec(text(call, 'SecretName')) ?? [];
  const isElsewhere = bare !== undefined && (region !== place.region || account !== place.account);
  const found = isElsewhere ? undefined : secrets.get(place, bare ?? text(call, 'SecretName'), nowMs);
  if (found === undefined) throw refuseKms('Forbidden.ResourceNotFound');
  return found;
}

/** @throws {Refused} Rejected.ResourceInDeleteWindow */
export function open(world: World, call: Call): KmsSecret {
  const secret = known(world, call);
  if (secret.goesAtMs !== undefined) throw refuseKms('Rejected.ResourceInDeleteWindow');
  return secret;
}

/** For values, on whose pages no code is about the window. */
export function readable(world: World, call: Call): KmsSecret {
  const secret = known(world, call);
  if (secret.goesAtMs !== undefined) throw refuseKms(world.behaviour['kms.valuesInWindow']);
  return secret;
}
