// What the cloud is asked for: the request's own fields, and the tag by which the pair is known again.
import { hasTags } from '../provider-table.ts';
import type { NewPair } from '../providers/provider.ts';
import type { AttemptLease } from './attempt-lease.ts';
import { DEPLOYMENT_TAG } from './ownership.ts';
import { ofPair } from './record.ts';

export function wantedPair({ ports, record, tag }: AttemptLease): NewPair {
  const { identity, request } = record;
  const { region, name, provider } = identity;
  const ownTag = { [DEPLOYMENT_TAG]: tag ?? ports.settings.deployment };
  return {
    ...{ ...ofPair(request), region, name },
    ...(hasTags(provider) && { tags: { ...request.tags, ...ownTag } }),
  };
}
