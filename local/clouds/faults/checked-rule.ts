// A rule comes in as JSON, so a misspelt one must be told apart from one that never fits.
import { digestNames } from '../keys/digests.ts';
import { privateKeyFormats } from '../keys/private-key-formats.ts';
import { byThemselves } from '../protocols/protocol.ts';
import { flag, oneOf, type Setting, whole } from '../settings/setting.ts';
import { serviceNames } from '../state/registry.ts';
import { echoForms, echoPlaces } from './echo.ts';
import type { FaultKind, FaultRule } from './fault.ts';

const text: Setting<string> = {
  default: '',
  allowed: 'a non-empty string',
  accepts: (value): value is string => typeof value === 'string' && value !== '',
};
const when = oneOf('before-commit', 'after-commit');
const status = whole(500, 200);

type Fields = Readonly<Record<string, Setting<unknown>>>;
interface Shape {
  readonly needs?: Fields;
  readonly may?: Fields;
}

/** Every kind of fault with its fields. */
export const faultShapes: Readonly<Record<FaultKind, Shape>> = {
  delay: {},
  refuse: { needs: { code: text }, may: { status, message: text, detail: text, when } },
  throttle: { may: { retryAfterMs: whole(1000) } },
  drop: { needs: { when } },
  stall: { needs: { when } },
  'server-error': { needs: { when }, may: { status } },
  'empty-body': {},
  truncated: { needs: { how: oneOf('length', 'json') } },
  'malformed-json': {},
  'missing-field': { needs: { field: text } },
  'wrong-type': { needs: { field: text } },
  'error-in-200': { needs: { code: text } },
  'wrong-fingerprint': {},
  'other-private-key': {},
  variant: { may: { digest: oneOf(...digestNames), colons: flag(true), format: oneOf(...privateKeyFormats) } },
  echo: { needs: { place: oneOf(...echoPlaces), form: oneOf(...echoForms) } },
  oversized: { may: { bytes: whole(0, 1) } },
  trickle: { may: { bytes: whole(0, 1), everyMs: whole(0) } },
};
const always: Fields = { delayMs: whole(0), delayWhen: when };
const matching: Fields = { service: oneOf(...serviceNames, ...byThemselves), action: text, name: text, region: text };

/** @throws {TypeError} saying which field does not exist or what it may be */
export function checkedRule(rule: FaultRule): FaultRule {
  const { match = {}, times = 1, skip = 0, fault, ...rest } = object(rule, 'a rule') as unknown as FaultRule;
  const [unknown] = Object.keys(rest);
  if (unknown) throw new TypeError(`a rule has no field ${unknown}`);
  check(object(match, 'match'), {}, matching);
  if (times !== 'always' && !whole(1, 1).accepts(times))
    throw new TypeError('times is a whole number from 1, or always');
  if (!whole(0).accepts(skip)) throw new TypeError('skip is a whole number from 0');
  const { kind, ...fields } = object(fault, 'fault');
  const shape = Object.hasOwn(faultShapes, String(kind)) ? faultShapes[kind as FaultKind] : undefined;
  if (!shape) throw new TypeError(`fault.kind is ${Object.keys(faultShapes).join(' | ')}`);
  const needs = kind === 'delay' ? { delayMs: whole(0) } : (shape.needs ?? {});
  check(fields, needs, { ...always, ...shape.may });
  return rule;
}

function check(fields: Record<string, unknown>, needs: Fields, may: Fields): void {
  for (const [name, value] of Object.entries(fields)) {
    const setting = needs[name] ?? may[name];
    if (!setting) throw new TypeError(`there is no field ${name}`);
    if (value !== undefined && !setting.accepts(value)) throw new TypeError(`${name} must be ${setting.allowed}`);
  }
  const missing = Object.keys(needs).find((name) => fields[name] === undefined);
  if (missing) throw new TypeError(`${missing} is missing: ${needs[missing]?.allowed}`);
}

function object(value: unknown, what: string): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new TypeError(`${what} is an object`);
  return value as Record<string, unknown>;
}
