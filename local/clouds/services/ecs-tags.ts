// ECS tags: `Tag.N.Key` and `Tag.N.Value`, counted from 1. Source: ECS CreateKeyPair, "Tag".
import type { Call } from '../protocols/protocol.ts';
import type { Pair } from '../state/registry.ts';
import { refuseEcs } from './ecs-errors.ts';

export type EcsTags = Pair['tags'];

const link = /https?:\/\//;
const keyFits = (key: string): boolean =>
  key.length >= 1 && key.length <= 128 && !/^(aliyun|acs:)/.test(key) && !link.test(key);
const valueFits = (value: string): boolean => value.length <= 128 && !value.startsWith('acs:') && !link.test(value);

/**
 * The request's tags by their numbers. How many there may be is a limit of the account and is checked elsewhere.
 * @throws {Refused} for a key or value outside the page's rules, or a key that comes twice
 */
export function tagsOf({ parameters }: Call): EcsTags {
  const tags = new Map<number, { key: string; value: string }>();
  for (const [name, text] of parameters) {
    const [, number, part] = /^Tag\.([1-9]\d{0,3})\.(Key|Value)$/.exec(name) ?? [];
    if (!number || !part) continue;
    const tag = tags.get(Number(number)) ?? { key: '', value: '' };
    tags.set(Number(number), part === 'Key' ? { ...tag, key: String(text) } : { ...tag, value: String(text) });
  }
  const found = [...tags].sort(([a], [b]) => a - b).map(([, tag]) => tag);
  if (!found.every(({ key }) => keyFits(key))) throw refuseEcs('InvalidTagKey.Malformed');
  if (!found.every(({ value }) => valueFits(value))) throw refuseEcs('InvalidTagValue.Malformed');
  if (new Set(found.map(({ key }) => key)).size < found.length) throw refuseEcs('Duplicate.TagKey');
  return found;
}
