// Makes the events themselves, without the schemas that others may check them by.
import type { FailureCode } from '../errors.ts';
import { identityKey } from '../identity.ts';
import type { Announcement } from '../vending/ports.ts';
import type { KeyPairEvent } from './events.ts';

const from = (deployment: string, id: string) => ({
  specversion: '1.0' as const,
  id,
  source: `urn:keyvend:${deployment}`,
  datacontenttype: 'application/json' as const,
});

/** Vended, or rotated where it replaced another key pair. @param deployment which of several keyvends publishes it */
export function announcementEvent(deployment: string, { id, identity, replaces, ...pair }: Announcement): KeyPairEvent {
  const event = { ...from(deployment, id), subject: identityKey(identity) };
  const data = { ...identity, ...pair };
  return replaces === undefined
    ? { ...event, type: 'keyvend.key-pair.vended', data }
    : { ...event, type: 'keyvend.key-pair.rotated', data: { ...data, replaces } };
}

export const refusedEvent = (deployment: string, messageId: string, code: FailureCode): KeyPairEvent => ({
  ...from(deployment, messageId),
  type: 'keyvend.key-pair.refused',
  data: { code },
});
