// Reading ECS's parameters, all of which come as text.
import { refuseAlibaba } from '../protocols/alibaba-errors.ts';
import type { Call } from '../protocols/protocol.ts';
import { refuseEcs } from './ecs-errors.ts';
import { pageParameter } from './listing.ts';
import type { World } from './service.ts';

export const text = ({ parameters }: Call, name: string): string => String(parameters.get(name) ?? '');

export function mandatory(call: Call, name: string): string {
  const value = text(call, name);
  if (!value) throw refuseAlibaba('MissingParameter', name);
  return value;
}

/** `PageNumber` and `PageSize`, with a page of 10 by default. */
export function pageOf(call: Call, most: number): { page: number; size: number } {
  const page = pageParameter(text(call, 'PageNumber'), 1);
  const size = pageParameter(text(call, 'PageSize'), 10, most);
  if (page === undefined) throw refuseEcs('InvalidParameter.%s', 'PageNumber');
  if (size === undefined) throw refuseEcs('InvalidParameter.%s', 'PageSize');
  return { page, size };
}

export function checkRegion({ limits, place }: World): void {
  if (!limits['ecs.regions'].includes(place.region)) throw refuseEcs('InvalidRegionId.NotFound');
}

/** A JSON array of texts, as text. @returns undefined for anything else */
export function jsonTexts(json: string): readonly string[] | undefined {
  try {
    const list: unknown = JSON.parse(json);
    if (Array.isArray(list) && list.every((one) => typeof one === 'string' && one !== '')) return list;
  } catch {
    // Not JSON: the same as JSON of something else.
  }
  return undefined;
}
