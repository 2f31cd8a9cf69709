// Tags of KMS's secrets: those that come with CreateSecret, and those that are added later. Source: CreateSecret, TagResource, TagResources.
import type { Call } from '../../protocols/protocol.ts';
import type { Tag } from '../../state/registry.ts';
import type { Action } from '../service.ts';
import { refuseKms } from './errors.ts';
import { keep, open } from './kept.ts';
import { mandatory, objectsOf } from './parameters.ts';

const MOST_TAGS = 20;
/** "You can add up to 10 tags to a key, secret, or certificate": read as at a time, since a secret is made with up to 20. */
const AT_ONCE = 10;

/** @throws {Refused} InvalidParameter */
export function tagsOfCall(call: Call): readonly Tag[] {
  const tags = objectsOf(call, 'Tags').map(({ TagKey: key, TagValue: value }) => ({ key, value }));
  if (tags.length > MOST_TAGS || !tags.every(isTag)) throw refuseKms('InvalidParameter', 'Tags');
  return tags.filter(isTag);
}

/** A tag of the same key gets another value. */
export const tagResource: Action = (call) => {
  mandatory(call, 'SecretName'); // keys and certificates are not kept here
  mandatory(call, 'Tags');
  const tags = tagsOfCall(call);
  if (tags.length > AT_ONCE) throw refuseKms('InvalidParameter', 'Tags');
  return async (world) => {
    const secret = open(world, call);
    const others = secret.tags.filter(({ key }) => !tags.some((tag) => tag.key === key));
    if (others.length + tags.length > MOST_TAGS) throw refuseKms('Rejected.LimitExceeded');
    keep(world, { ...secret, tags: [...others, ...tags] });
    return { body: {} };
  };
};

const isTag = (tag: { key: unknown; value: unknown }): tag is Tag =>
  typeof tag.key === 'string' &&
  typeof tag.value === 'string' &&
  /^(?!aliyun|acs:)[A-Za-z0-9/\\_.+=:@-]{1,128}$/.test(tag.key) &&
  /^[A-Za-z0-9/\\_.+=:@-]{0,128}$/.test(tag.value);
