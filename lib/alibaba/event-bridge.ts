// Puts CloudEvents on an event bus of Alibaba EventBridge, one at a time. The same event may arrive twice: it has the same source and id then.
// Source: EventBridge 2020-04-01, PutEvents; its limits for one event (64 KB) are those of the older data API, "Publish events".
import { VendingError } from '../errors.ts';
import { asObject, plainWord } from '../transport/json.ts';
import type { Fields } from '../transport/tries.ts';
import { type AlibabaOptions, alibabaCaller } from './call.ts';

export interface BusEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  /** RFC 3339 in UTC. */
  readonly time: string;
  readonly data: unknown;
}

export interface BusOptions extends Omit<AlibabaOptions, 'version' | 'origin'> {
  readonly bus: string;
  readonly region: string;
  /** `https://host[:port]` in place of the region's own host. */
  readonly endpoint?: string | undefined;
}

/** A custom bus is called so; the region is part of a host name. Source: "Limits", EventBridge. */
export const busName = /^[A-Za-z][A-Za-z0-9_-]{1,126}$/;

const VERSION = '2020-04-01';
const MOST_BYTES = 64 * 1024;

/** @returns what puts one event on the bus @throws {VendingError} QUEUE_UNAVAILABLE, there, where it was not taken or that is not known */
export function busPublisher({ bus, region, endpoint, ...options }: BusOptions): (event: BusEvent) => Promise<void> {
  const origin = endpoint ?? `https://eventbridge.${region}.aliyuncs.com`;
  const caller = alibabaCaller({ ...options, origin, version: VERSION });
  return async (event) => {
    const EventList = JSON.stringify([entryOf(event)]);
    if (Buffer.byteLength(EventList) > MOST_BYTES) throw notTaken('it is larger than 64 KB');
    const outcome = await caller.call('PutEvents', { form: { EventBusName: bus, EventList } });
    if ('failure' in outcome) throw notTaken(explained(outcome.failure.why));
    const why = failureIn(outcome.fields);
    if (why !== undefined) throw notTaken(explained(why));
  };
}

const entryOf = ({ id, source, type, subject, time, data }: BusEvent) => ({
  ...{ Id: id, Source: source, Type: type, SpecVersion: '1.0', Time: time },
  ...(subject !== undefined && { Subject: subject }),
  ...{ DataContentType: 'application/json', Data: data },
});

/** An answer of 200 may hold an event that failed. Nothing said about it is no yes, either. */
function failureIn(fields: Fields): string | undefined {
  const data = asObject(fields.Data) ?? fields;
  const entries = Array.isArray(data.EntryList) ? data.EntryList.map(asObject) : [];
  const bad = entries.find((entry) => entry === undefined || !succeeded(entry.ErrorCode));
  if (entries.length > 0 && bad === undefined && !(Number(data.FailedEntryCount) > 0)) return undefined;
  if (entries.length === 0 && Number(data.FailedEntryCount ?? Number.NaN) === 0) return undefined;
  return plainWord(bad?.ErrorCode) ?? 'no answer about the event';
}

/** "Success indicates success. Other values indicate exceptions"; the pages' example has none for a success. */
const succeeded = (code: unknown): boolean => code === undefined || code === null || code === '' || code === 'Success';

/** In plain words what an operator can put right. */
const explained = (why: string): string => plain[why] ?? why;
const plain: Readonly<Record<string, string>> = {
  EventBusNotExist: 'there is no such bus in this region',
  ServiceAccessDenied: 'EventBridge is not activated for this account',
};

const notTaken = (why: string) => new VendingError('QUEUE_UNAVAILABLE', `The event bus did not take the event: ${why}`);
