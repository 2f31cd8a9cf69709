// Makes the events themselves, without the schemas that others may check them by.
import type { FailureCode } from '../errors.ts';
import { type Identity, identityKey } from '../identity.ts';
import { fingerprints } from '../ssh/fingerprint.ts';
import type { Notice } from '../vending/notice.ts';
import type { Announcement } from '../vending/ports.ts';
import type { KeyPairEvent, NoticeData } from './events.ts';
import type { InvalidField } from './problem-of.ts';

const from = (deployment: string, id: string, atMs: number) => ({
  specversion: '1.0' as const,
  id,
  source: `urn:keyvend:${deployment}`,
  datacontenttype: 'application/json' as const,
  time: new Date(atMs).toISOString(),
});

/** Vended, or rotated where it replaced another key pair. @param deployment which of several keyvends publishes it */
export function announcementEvent(deployment: string, announcement: Announcement): KeyPairEvent {
  const { id, identity, atMs, rotated, replaces, replaced, ...pair } = announcement;
  const event = { ...from(deployment, id, atMs), subject: identityKey(identity) };
  const data = { ...identity, ...withFingerprints(pair) };
  if (rotated === undefined) return { ...event, type: 'keyvend.key-pair.vended', data };
  const before = {
    ...(replaces !== undefined && { replaces }),
    ...(replaced && { replaced: withFingerprints(replaced) }),
  };
  return { ...event, type: 'keyvend.key-pair.rotated', data: { ...data, ...before } };
}

const withFingerprints = <T extends { readonly publicKey: string }>(pair: T) => ({
  ...pair,
  fingerprints: fingerprints(pair.publicKey),
});

export const noticeEvent = (
  deployment: string,
  identity: Identity,
  { id, type, atMs, about }: Notice,
): KeyPairEvent => ({
  ...from(deployment, id, atMs),
  subject: identityKey(identity),
  type: `keyvend.key-pair.${type}`,
  data: { ...identity, at: new Date(atMs).toISOString(), ...about } as NoticeData,
});

export const refusedEvent = (
  deployment: string,
  messageId: string,
  {
    code,
    atMs,
    errors,
  }: { readonly code: FailureCode; readonly atMs: number; readonly errors?: readonly InvalidField[] },
): KeyPairEvent => ({
  ...from(deployment, messageId, atMs),
  type: 'keyvend.key-pair.refused',
  data: { code, ...(errors && { errors: [...errors] }) },
});
