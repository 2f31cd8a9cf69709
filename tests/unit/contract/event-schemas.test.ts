// What others read events by: the schema of each type, and the AsyncAPI document, held against the specification and against what was sent.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { announcementEvent, noticeEvent, refusedEvent } from '../../../lib/contract/make-event.ts';
import { noticeTypes } from '../../../lib/vending/notice.ts';
import { keys } from '../../doubles/key-pairs.ts';

const folder = new URL('../../../events/schemas/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
const recorded = Object.entries(read('recorded.json') as Record<string, { readonly type?: string }>);
const document = read('asyncapi.json');
const validator = () =>
  new Ajv2020({ strict: false, formats: { 'date-time': (text: string) => !Number.isNaN(Date.parse(text)) } });
const byType = new Map<string, ValidateFunction>(
  readdirSync(folder)
    .filter((name) => !['recorded.json', 'asyncapi.json'].includes(name))
    .map((name) => [name.replace('.json', ''), validator().compile(read(name))]),
);
const complaints = (validate: ValidateFunction, value: unknown) => (validate(value) ? [] : (validate.errors ?? []));

describe('the schemas of events', () => {
  it('are one for each type', () => {
    expect([...byType.keys()].sort()).toEqual(['vended', 'rotated', 'refused', ...noticeTypes].sort());
  });

  it('fit the events that a server has sent', () => {
    const events = recorded.filter(([, { type }]) => type !== undefined);
    expect(events.length).toBeGreaterThan(5);
    for (const [type, event] of events)
      expect(complaints(byType.get(type.replace('keyvend.key-pair.', ''))!, event), type).toEqual([]);
  });

  it('fit every event that is made, and refuse one of another type, without its time, or whose field is of another kind', () => {
    const identity = { provider: 'ecs', account: 'default', region: 'cn-a', name: 'web' } as const;
    const [{ publicKey }] = keys as [(typeof keys)[0]];
    const pair = {
      ...{ keyPairId: 'ssh-1', keyPairName: 'web', fingerprint: 'aa', publicKey },
      keySource: 'import' as const,
    };
    const made = [
      announcementEvent('prod', { id: 'a', identity, atMs: 0, ...pair }),
      announcementEvent('prod', {
        id: 'a',
        identity,
        atMs: 0,
        ...pair,
        rotated: true,
        replaces: 'ssh-0',
        replaced: { ...pair, keyPairId: 'ssh-0' },
      }),
      refusedEvent('prod', 'm', {
        code: 'INVALID_REQUEST',
        atMs: 0,
        errors: [{ pointer: '#/name', detail: 'is missing' }],
      }),
      ...noticeTypes.map((type) =>
        noticeEvent('prod', identity, {
          id: 'n',
          type,
          atMs: 0,
          about: { code: 'HOST_UNREACHABLE', hosts: ['a'] },
        } as never),
      ),
    ];
    expect(new Set(made.map(({ type }) => type.replace('keyvend.key-pair.', '')))).toEqual(new Set(byType.keys()));
    for (const event of made) {
      const type = event.type.replace('keyvend.key-pair.', '');
      const validate = byType.get(type)!;
      expect(complaints(validate, event), type).toEqual([]);
      for (const other of [
        { ...event, type: 'keyvend.key-pair.other' },
        { ...event, time: undefined },
        { ...event, id: 7 },
      ])
        expect(complaints(validate, JSON.parse(JSON.stringify(other))), type).not.toEqual([]);
    }
  });
});

describe('the AsyncAPI document', () => {
  it('is one, by the specification’s own schema', () => {
    const specification = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json');
    const validate = new Ajv({ strict: false, validateFormats: false, allowUnionTypes: true }).compile(specification);
    expect(complaints(validate, document)).toEqual([]);
    expect(complaints(validate, { ...document, operations: { announce: { action: 'shout' } } })).not.toEqual([]);
  });

  it('has a message for each request and each event, whose examples fit what they are examples of', () => {
    const messages = Object.values(
      document.components.messages as Record<string, { payload: object; examples?: { payload: unknown }[] }>,
    );
    expect(messages).toHaveLength(3 + byType.size);
    const shown = messages.flatMap(({ payload, examples = [] }) => examples.map((example) => ({ payload, example })));
    expect(shown).toHaveLength(recorded.length);
    for (const { payload, example } of shown)
      expect(complaints(validator().compile(payload), example.payload)).toEqual([]);
  });
});
