// The schemas that the document names, each once: what is sent, and what is answered.
import * as z from 'zod/mini';
import { type ProviderName, providerNames } from '../../provider-table.ts';
import { AccessAnswer, MeAnswer } from '../access-view.ts';
import { AdoptionAnswer, adoptionBody } from '../adoption.ts';
import {
  FileManyAnswer,
  fileManyShown,
  PoliciesAnswer,
  PoliciesShown,
  VendManyAnswer,
  vendManyShown,
} from '../bulk-view.ts';
import { FiledAnswer, FiledRequest, RequestedEvent } from '../filed-request.ts';
import { bodyFields, keyPairRequest } from '../key-pair-request.ts';
import { KeyPairAnswer, KeyPairMetadata, KeyPairPage } from '../metadata.ts';
import { OwnNameView } from '../own-name-view.ts';
import { PolicyAnswer, PolicyBody } from '../policy-body.ts';
import { Problem } from '../problem.ts';
import { MessageAnswer, MessagesAnswer, MessageView } from '../queue-view.ts';
import { QuotaAnswer } from '../quota-view.ts';
import { ReferenceView, ReleaseAnswer, ReleaseBody, RotationAnswer, WaiverBody } from '../rotation-answer.ts';
import { AuditAnswer, HistoryAnswer, TrailEntryView } from '../trail-view.ts';
import type { JsonSchema } from './json-schema.ts';
import { withWords } from './words.ts';

const answers = {
  AccessExplanation: AccessAnswer,
  AdoptedKeyPair: AdoptionAnswer,
  Audit: AuditAnswer,
  Filed: FiledAnswer,
  FiledOutcomes: FileManyAnswer,
  FiledRequest,
  Health: z.strictObject({ status: z.literal('ok') }),
  History: HistoryAnswer,
  KeyPair: KeyPairMetadata,
  KeyPairPage,
  Me: MeAnswer,
  Message: MessageView,
  MessagePage: MessagesAnswer,
  MessageWithBody: MessageAnswer,
  OwnName: OwnNameView,
  Policy: PolicyAnswer,
  PolicyOutcomes: PoliciesAnswer,
  Problem,
  Quota: QuotaAnswer,
  Reference: ReferenceView,
  Release: ReleaseAnswer,
  Rotation: RotationAnswer,
  TrailEntry: TrailEntryView,
  VendedKeyPair: KeyPairAnswer,
  VendOutcomes: VendManyAnswer,
};

const bodies = {
  PolicyChange: PolicyBody,
  PolicyChanges: PoliciesShown,
  ReleaseConfirmation: ReleaseBody,
  Waiver: WaiverBody,
};
const ofInbox = { RequestedEvent, KeyPairRequests: fileManyShown() };

export type AnswerName = keyof typeof answers;
export type BodyName = keyof typeof bodies | keyof typeof ofInbox;

const ofProvider = (provider: ProviderName) => `${provider.charAt(0).toUpperCase()}${provider.slice(1)}KeyPair`;
/** What is sent to one provider's own path, for one key pair and for many, and to the inbox, which has no provider in its path. */
export const vendBody = (provider: ProviderName) => `New${ofProvider(provider)}`;
export const vendManyBody = (provider: ProviderName) => `New${ofProvider(provider)}s`;
export const adoptBody = (provider: ProviderName) => `${ofProvider(provider)}Adoption`;
export const requestBody = (provider: ProviderName) => `${ofProvider(provider)}Request`;

const refTo = (name: string) => `#/components/schemas/${name}`;
export const schemaRef = (name: string): JsonSchema => ({ $ref: refTo(name) });

/** @param inbox whether those of its routes are there as well */
export function schemas(inbox: boolean): Readonly<Record<string, JsonSchema>> {
  const sent = {
    ...bodies,
    ...Object.fromEntries(
      providerNames.flatMap((provider) => [
        [vendBody(provider), z.strictObject(bodyFields(provider))],
        [vendManyBody(provider), vendManyShown(provider)],
        [adoptBody(provider), adoptionBody(provider)],
        ...(inbox ? [[requestBody(provider), keyPairRequest(provider)]] : []),
      ]),
    ),
    ...(inbox ? ofInbox : {}),
  };
  const known = Object.entries(answers).filter(([name]) => inbox || !ofInboxAlone.has(name));
  const all = { ...named(sent, 'input'), ...named(Object.fromEntries(known), 'output') };
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
}
const ofInboxAlone: ReadonlySet<string> = new Set([
  'Filed',
  'FiledOutcomes',
  'FiledRequest',
  'Message',
  'MessagePage',
  'MessageWithBody',
]);

function named(all: Readonly<Record<string, z.core.$ZodType>>, io: 'input' | 'output'): Record<string, JsonSchema> {
  const registry = z.registry<{ readonly id: string }>();
  for (const [id, of] of Object.entries(all)) registry.add(of, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: refTo, io, unrepresentable: 'any' });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _, $id: __, ...schema }]) => [name, withWords(name, schema, io)]),
  );
}

/** The parameters of a query: of texts, what they are read as. What has a default need not be sent. */
export function querySchema(of: z.core.$ZodType): JsonSchema {
  const {
    $schema: _,
    required = [],
    properties = {},
    ...schema
  } = z.toJSONSchema(of, { io: 'output', unrepresentable: 'any' });
  const needed = required.filter((name) => (properties[name] as JsonSchema).default === undefined);
  return withWords('', { ...schema, properties, ...(needed.length > 0 && { required: needed }) }, 'input');
}
