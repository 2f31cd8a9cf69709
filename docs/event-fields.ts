// The table of what each event holds, from the schemas that others may check events by.
import * as z from 'zod/mini';
import { NoticeEvent, RefusedEvent, RotatedEvent, VendedEvent } from '../lib/contract/events.ts';
import { noticeTypes } from '../lib/vending/notice.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema & { readonly type?: string }>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
}

/** `fingerprints.md5`, `replaced?.keyPairId`: a question mark where it may be absent, brackets for a list. */
function fieldsOf({ properties = {}, required = [] }: Schema, before = ''): string[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const list = field.type === 'array' ? '[]' : '';
    const path = `${before}${name}${list}${required.includes(name) ? '' : '?'}`;
    const inner = fieldsOf(field.items ?? field, `${path}.`);
    return inner.length > 0 ? inner : [path];
  });
}

export function eventTable(): string {
  const rows = [
    ['`keyvend.key-pair.vended`', VendedEvent],
    ['`keyvend.key-pair.rotated`', RotatedEvent],
    ['`keyvend.key-pair.refused`', RefusedEvent],
    [noticeTypes.map((type) => `\`keyvend.key-pair.${type}\``).join(', '), NoticeEvent],
  ] as const;
  return [
    '| `type` | fields of `data` |',
    '|---|---|',
    ...rows.map(([type, schema]) => {
      const { properties } = z.toJSONSchema(schema) as Schema;
      return `| ${type} | ${fieldsOf(properties!.data!)
        .map((path) => `\`${path}\``)
        .join(', ')} |`;
    }),
  ].join('\n');
}
