// Reading the parameters of KMS's Secrets Manager, all of which come as text, lists as JSON in it.

import { refuseAlibaba } from '../../protocols/alibaba-errors.ts';
import type { Call } from '../../protocols/protocol.ts';
import { pageParameter } from '../listing.ts';
import { refuseKms } from './errors.ts';

export const text = ({ parameters }: Call, name: string): string => String(parameters.get(name) ?? '');

export function mandatory(call: Call, name: string): string {
  const value = text(call, name);
  if (value === '') throw refuseAlibaba('MissingParameter', name);
  return value;
}

/** @throws {Refused} InvalidParameter for anything but `true`, `false` and nothing */
export function flagOf(call: Call, name: string): boolean {
  const value = text(call, name);
  if (value !== '' && value !== 'true' && value !== 'false') throw refuseKms('InvalidParameter', name);
  return value === 'true';
}

/** A JSON list of texts. @throws {Refused} InvalidParameter */
export function textsOf(call: Call, name: string): readonly string[] | undefined {
  const value = text(call, name);
  if (value === '') return undefined;
  const list = json(call, name);
  if (!Array.isArray(list) || !list.every((one) => typeof one === 'string' && one !== ''))
    throw refuseKms('InvalidParameter', name);
  return list;
}

/** A JSON list of objects. @throws {Refused} InvalidParameter */
export function objectsOf(call: Call, name: string): readonly Readonly<Record<string, unknown>>[] {
  if (text(call, name) === '') return [];
  const list = json(call, name);
  if (!Array.isArray(list) || !list.every((one) => typeof one === 'object' && one !== null))
    throw refuseKms('InvalidParameter', name);
  return list;
}

/** `PageNumber` and `PageSize`. @throws {Refused} InvalidParameter */
export function pageOf(call: Call, otherwise: number): { readonly page: number; readonly size: number } {
  const page = pageParameter(text(call, 'PageNumber'), 1);
  const size = pageParameter(text(call, 'PageSize'), otherwise, 100);
  if (page === undefined) throw refuseKms('InvalidParameter', 'PageNumber');
  if (size === undefined) throw refuseKms('InvalidParameter', 'PageSize');
  return { page, size };
}

function json(call: Call, name: string): unknown {
  try {
    return JSON.parse(text(call, name));
  } catch {
    throw refuseKms('InvalidParameter', name);
  }
}
