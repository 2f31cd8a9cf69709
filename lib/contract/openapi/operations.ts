// What each operation is for, what it takes and what it answers. Its path is in routes.ts.
import type * as z from 'zod/mini';
import type { FailureCode } from '../../errors.ts';
import { AccessQuery } from '../access-view.ts';
import { ListQuery } from '../metadata.ts';
import { MessageQuery, MessagesQuery } from '../queue-view.ts';
import { QuotaQuery } from '../quota-view.ts';
import type { CatalogOperation, InboxOperation, LifecycleOperation } from '../routes.ts';
import { AuditQuery, HistoryQuery } from '../trail-view.ts';
import * as c from './codes.ts';
import type { AnswerName, BodyName } from './schemas.ts';

export const tags = {
  'Key pairs': 'What was vended, and taking it out of use.',
  Vending: 'Having a cloud make a key pair. Its private key goes straight into a secrets manager.',
  Rotation: 'Replacing a key without locking anybody out: docs/rotation.md.',
  Policy: 'When and on which hosts a key is rotated.',
  History: 'Who did what.',
  Access: 'What the caller may do here, and why not.',
  Queues: 'Requests that are vended later, and what became of messages.',
  Service: 'The service itself. No token is needed.',
} as const;

export type HeaderName = 'Location' | 'Retry-After' | 'Key-Pair-Usage' | 'WWW-Authenticate';

export interface Answer {
  readonly description: string;
  /** Absent where it is this document. */
  readonly schema?: AnswerName;
  readonly headers?: readonly HeaderName[];
}

export interface Operation {
  readonly tag: keyof typeof tags;
  readonly summary: string;
  readonly description: string;
  readonly query?: z.ZodMiniObject;
  readonly force?: true;
  readonly idempotencyKey?: true;
  readonly body?: { readonly schema: BodyName; readonly isOptional?: true };
  readonly answers: Readonly<Record<number, Answer>>;
  /** Besides those of every request. */
  readonly codes: readonly FailureCode[];
}

const reading = [...c.ofKeyPair, ...c.ofRecord];
const changing = [...reading, ...c.ofChange];
const ofOneRotation = [...changing, ...c.ofRotation];

export const operations: Readonly<Record<CatalogOperation | LifecycleOperation, Operation>> = {
  listKeyPairs: {
    tag: 'Key pairs',
    summary: 'List or search key pairs',
    description:
      'What the caller may read, a page at a time. A page may hold fewer than asked for although more follow: go on while there is a `cursor`. By `requestedBy` and `activatedBefore` it reads through up to 1,000 key pairs for a page; with `sort`, at most 2,000 can be put in order.',
    query: ListQuery,
    answers: { 200: { description: 'A page of metadata.', schema: 'KeyPairPage' } },
    codes: [...c.ofLedger, 'LISTING_TOO_LONG'],
  },
  readKeyPair: {
    tag: 'Key pairs',
    summary: 'Read a key pair',
    description:
      'Its metadata: state, ids, fingerprints, public key, and where the private key is stored. Never the key itself.',
    answers: { 200: { description: 'The metadata.', schema: 'KeyPair' } },
    codes: reading,
  },
  retireKeyPair: {
    tag: 'Key pairs',
    summary: 'Take a key pair out of use',
    description:
      'It can be restored until it is purged, which is 30 days later by default. Refused while instances have it, unless forced.',
    force: true,
    answers: { 202: { description: 'Out of use.', schema: 'KeyPair' } },
    codes: [...changing, ...c.ofFleets, 'ROTATION_IN_PROGRESS', 'KEY_PAIR_RETIRED', ...c.ofBody],
  },
  restoreKeyPair: {
    tag: 'Key pairs',
    summary: 'Put a retired key pair back into use',
    description: 'With the key that it had.',
    answers: { 200: { description: 'In use again.', schema: 'KeyPair' } },
    codes: [...changing, 'KEY_PAIR_RETIRED', ...c.ofBody],
  },
  readHistory: {
    tag: 'History',
    summary: 'Read who did what to a key pair',
    description: 'Its trail, the newest entry first. For whoever has the right `audit`.',
    query: HistoryQuery,
    answers: { 200: { description: 'A page of entries.', schema: 'History' } },
    codes: [...reading, ...c.ofTrail],
  },
  readAudit: {
    tag: 'History',
    summary: 'Read who did what, key pair by key pair',
    description: 'The newest ten entries of each key pair that the caller has the right `audit` to.',
    query: AuditQuery,
    answers: { 200: { description: 'A page of key pairs.', schema: 'Audit' } },
    codes: [...c.ofLedger, ...c.ofTrail],
  },
  readMe: {
    tag: 'Access',
    summary: 'Read who the caller is here',
    description: 'As whom this deployment knows the caller, and the grants that are theirs.',
    answers: { 200: { description: 'The caller.', schema: 'Me' } },
    codes: [],
  },
  explainAccess: {
    tag: 'Access',
    summary: 'Ask why something is allowed or not',
    description:
      'Of the caller’s own grants. It is told by the question alone, whether there is such a key pair or not.',
    query: AccessQuery,
    answers: {
      200: {
        description: 'Whether it is allowed, and by which grant, or what each grant misses.',
        schema: 'AccessExplanation',
      },
    },
    codes: ['NAME_INVALID'],
  },
  readQuota: {
    tag: 'Access',
    summary: 'Read how full regions are',
    description:
      'As they were last counted, which is every 15 minutes: all key pairs of the account, whoever made them.',
    query: QuotaQuery,
    answers: { 200: { description: 'A page of places.', schema: 'Quota' } },
    codes: [...c.ofLedger],
  },
  readContract: {
    tag: 'Service',
    summary: 'Read this document',
    description: 'The contract, as OpenAPI 3.1.',
    answers: { 200: { description: 'This document.' } },
    codes: [],
  },
  readHealth: {
    tag: 'Service',
    summary: 'Ask whether it answers',
    description: 'Says nothing of what it depends on.',
    answers: { 200: { description: 'It does.', schema: 'Health' } },
    codes: [],
  },
  readPolicy: {
    tag: 'Policy',
    summary: 'Read the policy of a key pair',
    description: 'What applies: its own, and the configuration for the rest.',
    answers: { 200: { description: 'The policy.', schema: 'Policy' } },
    codes: reading,
  },
  putPolicy: {
    tag: 'Policy',
    summary: 'Set the policy of a key pair',
    description:
      'All of it: what is left out is as the configuration says. A host that is no longer listed is waited for no more, which takes the right `waive`.',
    body: { schema: 'PolicyChange' },
    answers: { 200: { description: 'What applies from now on.', schema: 'Policy' } },
    codes: [...changing, ...c.ofBody, 'POLICY_OUT_OF_BOUNDS', 'HOST_FORBIDDEN', 'HOSTS_TOO_MANY', 'KEY_PAIR_RETIRED'],
  },
  putPolicies: {
    tag: 'Policy',
    summary: 'Set the policies of up to 100 key pairs',
    description: 'Each has an outcome of its own, as if it had been put by itself.',
    body: { schema: 'PolicyChanges' },
    answers: { 207: { description: 'An outcome for each.', schema: 'PolicyOutcomes' } },
    codes: [...c.ofBody, ...c.ofQueries],
  },
  rotateKeyPair: {
    tag: 'Rotation',
    summary: 'Rotate a key pair',
    description: 'Begins a rotation, or answers with the one that is under way. A worker carries it out.',
    idempotencyKey: true,
    answers: { 202: { description: 'The rotation.', schema: 'Rotation', headers: ['Location'] } },
    codes: [...changing, ...c.ofBody, ...c.ofIdempotency, 'KEY_PAIR_RETIRED', 'ROTATION_WAITS', 'ROTATION_ABSENT'],
  },
  readRotation: {
    tag: 'Rotation',
    summary: 'Read how far a rotation is',
    description: 'Host by host, with what failed last and what to do about it.',
    answers: { 200: { description: 'The rotation as it is now.', schema: 'Rotation' } },
    codes: [...reading, ...c.ofRotation],
  },
  cancelRotation: {
    tag: 'Rotation',
    summary: 'Cancel a rotation',
    description: 'Its lines, its pair and its key are taken back. Only until the new key counts.',
    answers: { 202: { description: 'It is being taken back.', schema: 'Rotation', headers: ['Location'] } },
    codes: [...ofOneRotation, ...c.ofBody, 'ROTATION_PROMOTED'],
  },
  waiveHost: {
    tag: 'Rotation',
    summary: 'Go on without a host',
    description: 'The rotation waits for it no more. It may be locked out, so say why.',
    body: { schema: 'Waiver' },
    answers: { 200: { description: 'The rotation as it is now.', schema: 'Rotation', headers: ['Location'] } },
    codes: [...ofOneRotation, ...c.ofBody, 'HOST_UNKNOWN'],
  },
  releasePair: {
    tag: 'Rotation',
    summary: 'Detach an old pair from the instances that keep it',
    description:
      'Without a confirmation nothing is done: the answer says to which instances it would be, and what to send.',
    body: { schema: 'ReleaseConfirmation', isOptional: true },
    answers: {
      200: { description: 'What it would do.', schema: 'Release' },
      202: { description: 'The worker carries it out.', schema: 'Release' },
    },
    codes: [...changing, ...c.ofFleets, ...c.ofBody, 'PAIR_NOT_LINGERING', 'CONFIRMATION_STALE', 'KEY_PAIR_RETIRED'],
  },
};

const usage: readonly HeaderName[] = ['Location', 'Key-Pair-Usage'];
const vendingCodes = [...c.ofKeyPair, ...c.ofChange, ...c.ofBody, ...c.ofClouds, ...c.ofStores, ...c.ofVending];

/** Of each provider; the body is its own. */
export const vendOperation: Operation = {
  tag: 'Vending',
  summary: 'Vend a key pair',
  description: 'Sending the same request again is always safe: it answers with the same key pair.',
  idempotencyKey: true,
  answers: {
    201: { description: 'Made. The private key is stored.', schema: 'VendedKeyPair', headers: usage },
    200: { description: 'Made before, by the same request.', schema: 'VendedKeyPair', headers: usage },
  },
  codes: [...vendingCodes, ...c.ofIdempotency],
};
export const vendManyOperation: Operation = {
  tag: 'Vending',
  summary: 'Vend up to 100 key pairs',
  description:
    'Each has an outcome of its own, as if it had been sent by itself. What there was no time for is `DEADLINE_PASSED`: send the same request again, which makes nothing twice.',
  answers: { 207: { description: 'An outcome for each.', schema: 'VendOutcomes' } },
  codes: [...c.ofBody],
};

/** Likewise. */
export const adoptOperation: Operation = {
  tag: 'Vending',
  summary: 'Adopt a key pair',
  description:
    'Of a pair that was there before. Its private key is held against what the cloud shows of the pair, and stored once that proves it; `keyless` adopts the pair without, and then it is listed, and a rotation brings a key that is stored. The pair itself stays as it is. The same request again changes nothing.',
  answers: {
    201: { description: 'It is looked after from now on.', schema: 'AdoptedKeyPair', headers: ['Location'] },
    200: {
      description: 'It was adopted before; or what would be, of a dry run.',
      schema: 'AdoptedKeyPair',
      headers: ['Location'],
    },
  },
  codes: [...vendingCodes, 'KEY_PAIR_ABSENT', 'KEY_NOT_OF_PAIR', 'PAIR_UNPROVEN', 'PAIR_AMBIGUOUS'],
};

/** Where a deployment has an inbox. */
export const inboxOperations: Readonly<Record<InboxOperation, Operation>> = {
  fileRequest: {
    tag: 'Queues',
    summary: 'File a request, or up to 100, to be vended later',
    description:
      'By itself, or as the data of a CloudEvent, in binary mode (ce-* headers) or in structured mode. Of many in `requests`, each has an outcome of its own; no Idempotency-Key stands for them.',
    idempotencyKey: true,
    answers: {
      207: { description: 'An outcome for each of many.', schema: 'FiledOutcomes' },
      202: { description: 'Filed, now or by the same request before.', schema: 'Filed', headers: ['Location'] },
    },
    codes: ['NAME_INVALID', 'FORBIDDEN', ...c.ofLedger, ...c.ofBody, ...c.ofIdempotency, 'QUEUE_UNAVAILABLE'],
  },
  readRequest: {
    tag: 'Queues',
    summary: 'Read what has become of a request',
    description: 'For whoever sent it, or may read the key pair.',
    answers: { 200: { description: 'What has become of it.', schema: 'FiledRequest' } },
    codes: ['REQUEST_ABSENT', 'QUEUE_UNAVAILABLE'],
  },
  listMessages: {
    tag: 'Queues',
    summary: 'List messages',
    description:
      'What waits, is in hand, was buried, or is done. For whoever has the right `queue` for all of a provider.',
    query: MessagesQuery,
    answers: { 200: { description: 'A page of messages, without their bodies.', schema: 'MessagePage' } },
    codes: [...c.ofQueues],
  },
  readMessage: {
    tag: 'Queues',
    summary: 'Read a message',
    description: 'With its body, as it was filed.',
    query: MessageQuery,
    answers: { 200: { description: 'The message.', schema: 'MessageWithBody' } },
    codes: [...c.ofQueues, 'MESSAGE_ABSENT'],
  },
  putBackMessage: {
    tag: 'Queues',
    summary: 'Put a buried message back',
    description: 'It is handed to a worker again, as if it were filed now.',
    query: MessageQuery,
    answers: { 200: { description: 'The message as it is now.', schema: 'Message' } },
    codes: [...c.ofQueues, 'MESSAGE_ABSENT', 'MESSAGE_NOT_BURIED'],
  },
};
