// Reading CVM's typed parameters. The SDKs' GET and older signatures flatten everything to text, so there a number may
// arrive as text; JSON must have the type itself.
import type { Call } from '../protocols/protocol.ts';
import { refuseTencent } from '../protocols/tencent-errors.ts';
import type { Behaviour } from '../settings/behaviour.ts';
import type { Tag } from '../state/registry.ts';
import { refuseCvm } from './cvm-errors.ts';

/** Refuses what the action does not know, when the switch says so. */
export function knowOnly(call: Call, behaviour: Behaviour, names: readonly string[]): void {
  if (call.unreadable) throw call.unreadable;
  if (!call.region) throw refuseTencent('MissingParameter', 'Region');
  if (behaviour['cvm.unknownParameters'] === 'ignored') return;
  const stranger = [...call.parameters.keys()].find((name) => !names.includes(name));
  if (stranger !== undefined) throw refuseTencent('UnknownParameter', stranger);
}

/** @returns undefined when the parameter is not there; the SDK leaves nulls out */
export function text(call: Call, name: string): string | undefined {
  const value = call.parameters.get(name) ?? undefined;
  if (value !== undefined && typeof value !== 'string') throw refuseTencent('InvalidParameter');
  return value;
}

export function integer(call: Call, name: string): number | undefined {
  const value = call.parameters.get(name) ?? undefined;
  if (value === undefined) return undefined;
  const number = call.asText && /^-?\d{1,15}$/.test(String(value)) ? Number(value) : value;
  if (!Number.isSafeInteger(number)) throw refuseTencent('InvalidParameter');
  return number as number;
}

export function texts(call: Call, name: string): readonly string[] | undefined {
  return list(call.parameters.get(name) ?? undefined)?.map(asText);
}

export function mandatory<T>(value: T | undefined): T {
  if (value === undefined) throw refuseCvm('MissingParameter');
  return value;
}

/** `TagSpecification`: one entry per resource type, of which only `keypair` fits here. */
export function tagSpecification(call: Call): readonly Tag[] {
  const tags = (list(call.parameters.get('TagSpecification') ?? undefined) ?? []).flatMap((entry) => {
    const { ResourceType, Tags } = fields(entry);
    if (ResourceType !== 'keypair') throw refuseCvm('InvalidParameterValue');
    return (list(Tags) ?? []).map((tag) => {
      const { Key, Value } = fields(tag);
      return { key: asText(Key), value: asText(Value ?? '') };
    });
  });
  if (new Set(tags.map(({ key }) => key)).size < tags.length) throw refuseCvm('InvalidParameterValue');
  for (const { key, value } of tags) {
    // "Tag keys cannot start with qcs:, project" (Tencent Cloud Tag docs, "Limits"): the platform keeps them for itself.
    if (/^(qcs:|project|项目)/i.test(key)) throw refuseCvm('FailedOperation.TagKeyReserved');
    if (key.length < 1 || key.length > 127 || value.length > 255) throw refuseCvm('InvalidParameterValue');
  }
  return tags;
}

export function checkedName(name: string): string {
  if (name === '') throw refuseCvm('InvalidKeyPairNameEmpty');
  if (!/^\w+$/.test(name)) throw refuseCvm('InvalidKeyPairNameIncludeIllegalChar');
  if (name.length > 25) throw refuseCvm('InvalidKeyPairNameTooLong');
  return name;
}

export function checkKeyIds(ids: readonly string[]): void {
  if (ids.length > 100) throw refuseCvm('InvalidParameterValue.LimitExceeded');
  if (!ids.every((id) => /^skey-[a-z0-9]{8}$/.test(id))) throw refuseCvm('InvalidKeyPairId.Malformed');
}

/** `Offset` and `Limit`, with a page of 20 by default. */
export function offsets(call: Call): { offset: number; limit: number } {
  const [offset, limit] = [integer(call, 'Offset') ?? 0, integer(call, 'Limit') ?? 20];
  if (offset < 0) throw refuseCvm('InvalidParameterValueOffset');
  if (limit < 1 || limit > 100) throw refuseCvm('InvalidParameterValueLimit');
  return { offset, limit };
}

/** `LoginSettings` of what launches instances. @returns undefined where the request has none */
export function loginSettings(call: Call): Record<string, unknown> | undefined {
  const given = call.parameters.get('LoginSettings') ?? undefined;
  if (given === undefined) return undefined;
  const settings = fields(given);
  if (settings.KeyIds !== undefined) checkKeyIds((list(settings.KeyIds) ?? []).map(asText));
  return settings;
}

/** True or false; as text where everything is. */
export function flag(call: Call, name: string): boolean {
  const value = call.parameters.get(name) ?? false;
  if (typeof value === 'boolean') return value;
  if (call.asText && (value === 'true' || value === 'false')) return value === 'true';
  throw refuseTencent('InvalidParameter');
}

export interface Filter {
  readonly name: string;
  readonly values: readonly string[];
}

/** `Filters`: at most 10 of at most 5 values each. */
export function filters(call: Call): readonly Filter[] | undefined {
  const found = list(call.parameters.get('Filters') ?? undefined)?.map((entry) => {
    const { Name, Values } = fields(entry);
    return { name: asText(Name), values: (list(Values) ?? []).map(asText) };
  });
  if (found && (found.length > 10 || found.some(({ values }) => values.length > 5))) {
    throw refuseCvm('InvalidFilterValue.LimitExceeded');
  }
  return found;
}

function list(value: unknown): readonly unknown[] | undefined {
  if (value !== undefined && !Array.isArray(value)) throw refuseTencent('InvalidParameter');
  return value;
}

function fields(value: unknown): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw refuseTencent('InvalidParameter');
  return value as Record<string, unknown>;
}

function asText(value: unknown): string {
  if (typeof value !== 'string') throw refuseTencent('InvalidParameter');
  return value;
}
