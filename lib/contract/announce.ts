// The events themselves, made without the schemas that others may hold them against.
import type { FailureCode } from '../errors.ts';
import type { Announcement } from '../vending/parts.ts';
import type { KeyPairEvent } from './events.ts';

const from = (deployment: string, id: string) => ({
  specversion: '1.0' as const,
  id,
  source: `urn:keyvend:${deployment}`,
  datacontenttype: 'application/json' as const,
});

/** @param deployment which of several keyvends speaks */
export const vendedEvent = (
  deployment: string,
  { id, identity, keyPairId, fingerprint }: Announcement,
): KeyPairEvent => ({
  ...from(deployment, id),
  type: 'keyvend.key-pair.vended',
  subject: `${identity.provider}/${identity.account}/${identity.region}/${identity.name}`,
  data: { ...identity, keyPairId, fingerprint },
});

export const refusedEvent = (deployment: string, messageId: string, code: FailureCode): KeyPairEvent => ({
  ...from(deployment, messageId),
  type: 'keyvend.key-pair.refused',
  data: { code },
});
