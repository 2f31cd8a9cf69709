// JSON Schemas of what keyvend announces, one for each type of event, and the AsyncAPI document of what it takes and sends by queues and
// buses. Written into events/ by `npm run docs`, from the schemas that messages are read by and events are held against.
import * as z from 'zod/mini';
import recorded from '../events/schemas/recorded.json' with { type: 'json' };
import { NoticeEvent, RefusedEvent, RotatedEvent, VendedEvent } from '../lib/contract/events.ts';
import { keyPairRequest } from '../lib/contract/key-pair-request.ts';
import { withWords } from '../lib/contract/openapi/words.ts';
import { providerNames } from '../lib/provider-table.ts';
import { noticeTypes } from '../lib/vending/notice.ts';

type Json = Readonly<Record<string, unknown>>;

const meanings: Readonly<Record<string, string>> = {
  vended: 'A key pair was made, and its key is stored.',
  rotated: 'Readers get another key from now on; the previous one is valid until the overlap is over.',
  refused: 'A message can never succeed.',
  retired: 'A key pair was taken out of use; it can be restored until `purgeAt`.',
  restored: 'It is in use again.',
  purged: 'Its pairs and keys are gone.',
  'policy-changed': 'Its policy was set.',
  'rotation-stalled': 'A rotation has failed for an hour: `code`, and the `hosts` that are not done.',
  'host-failed': 'A rotation cannot do what it has to on one `host`, and says why by `code`.',
  lingering: 'The cloud does not let an old pair go.',
  referenced: 'Launch templates or scaling configurations name the pair that a rotation replaced.',
  'name-given-back': 'The own name of the key pair leads to the key that counts again.',
};

const prefix = 'keyvend.key-pair.';
const types = ['vended', 'rotated', 'refused', ...noticeTypes] as const;
const schemaFor = (type: string): z.core.$ZodType =>
  type === 'vended' ? VendedEvent : type === 'rotated' ? RotatedEvent : type === 'refused' ? RefusedEvent : NoticeEvent;

/** Events may get fields in time, so theirs are open. */
function eventSchema(type: string): Json {
  const { $schema, ...schema } = z.toJSONSchema(schemaFor(type)) as Json;
  const described = withWords('Event', schema, 'output') as Json & { readonly properties: Json };
  const named = {
    ...described.properties,
    type: { ...(described.properties.type as Json), enum: undefined, const: `${prefix}${type}` },
  };
  return { ...described, description: meanings[type], properties: named };
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const schemaFiles = types.map((type): readonly [path: string, text: string] => {
  const head = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:keyvend:event:${type}:1`,
    title: `${prefix}${type}`,
  };
  return [`events/schemas/${type}.json`, json({ ...head, ...eventSchema(type) })];
});

const examplesOf = (type: string) => {
  const value = (recorded as Readonly<Record<string, unknown>>)[type];
  return value === undefined ? {} : { examples: [{ name: 'recorded', summary: 'From a real run', payload: value }] };
};

const message = (name: string, summary: string, payload: Json, more: object = {}) => ({
  ...{ name, title: name, summary, contentType: 'application/json', payload },
  ...more,
});

const messages = {
  ...Object.fromEntries(
    providerNames.map((provider) => {
      const { $schema, ...schema } = z.toJSONSchema(keyPairRequest(provider), {
        io: 'input',
        unrepresentable: 'any',
      }) as Json;
      const name = `${provider}Request`;
      return [
        name,
        message(
          name,
          `Asks for a key pair on ${provider.toUpperCase()}.`,
          withWords('Request', schema, 'input'),
          examplesOf(name),
        ),
      ];
    }),
  ),
  ...Object.fromEntries(
    types.map((type) => [
      type,
      message(`${prefix}${type}`, meanings[type]!, eventSchema(type), examplesOf(`${prefix}${type}`)),
    ]),
  ),
};

const refs = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }]));
const requests = providerNames.map((provider) => `${provider}Request`);

const asyncApi = {
  asyncapi: '3.0.0',
  info: {
    ...{ title: 'keyvend', version: '1' },
    description:
      'What keyvend takes and sends by queues and buses. Events are CloudEvents 1.0; one that is sent again has the same id. No message holds a private key.',
  },
  defaultContentType: 'application/json',
  channels: {
    requests: {
      ...{ address: 'keyvend-{provider}', title: 'Requests', messages: refs(requests) },
      description:
        'The queue of a provider: SQS on AWS, SMQ on Alibaba Cloud, POST /v1/requests where there is an inbox.',
      parameters: { provider: { enum: [...providerNames], description: 'The cloud’s key-pair service.' } },
    },
    announcements: {
      ...{ address: 'keyvend-events', title: 'Announcements', messages: refs([...types]) },
      description: 'The queue of one machine; an event bus on AWS and Alibaba Cloud; or a webhook.',
    },
  },
  operations: {
    takeRequest: { action: 'receive', channel: { $ref: '#/channels/requests' }, summary: 'Vends a key pair.' },
    announce: {
      action: 'send',
      channel: { $ref: '#/channels/announcements' },
      summary: 'Says what has happened to key pairs.',
    },
  },
  components: { messages },
};

/** Path and text of each. */
export const eventFiles: readonly (readonly [path: string, text: string])[] = [
  ...schemaFiles,
  ['events/schemas/asyncapi.json', json(asyncApi)],
];
