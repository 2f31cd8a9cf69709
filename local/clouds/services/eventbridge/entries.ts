// Reading the events of a PutEvents, and what becomes of one on its way to a target. Source: PutEvents; "Event overview" for the extensions.
import type { Call } from '../../protocols/protocol.ts';
import type { Behaviour } from '../../settings/behaviour.ts';
import type { Bus, Envelope } from '../../state/buses.ts';
import { refusedBy } from './errors.ts';

export interface Entry {
  readonly Id: string;
  readonly Source: string;
  readonly Type: string;
  readonly SpecVersion?: string;
  readonly Subject?: string;
  readonly Time?: string;
  readonly DataContentType?: string;
  readonly DataSchema?: string;
  readonly Data?: unknown;
}

const MOST = 16;
const MOST_BYTES = 64 * 1024;
const MOST_BYTES_IN_ALL = 256 * 1024;

/** @throws {Refused} for a list that is none, is too long or too large, or has an entry without what each must have */
export function entriesOf({ parameters }: Call, behaviour: Behaviour): readonly Entry[] {
  const text = String(parameters.get('EventList') ?? '');
  const list = json(text);
  if (!Array.isArray(list) || list.length === 0 || !list.every(isEntry))
    throw refusedBy(behaviour, 'InvalidArgument', 'EventList');
  if (list.length > MOST) throw refusedBy(behaviour, 'EventCountExceedLimit');
  const tooLarge = list.some((entry) => bytesOf(entry) > MOST_BYTES) || Buffer.byteLength(text) > MOST_BYTES_IN_ALL;
  if (tooLarge) throw refusedBy(behaviour, 'EventSizeExceedLimit');
  return list;
}

const bytesOf = (entry: unknown): number => Buffer.byteLength(JSON.stringify(entry));

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false;
  const { Id, Source, Type, SpecVersion = '1.0', Time, ...rest } = value as Readonly<Record<string, unknown>>;
  return (
    [Id, Source, Type].every((one) => typeof one === 'string' && one !== '') &&
    SpecVersion === '1.0' &&
    (Time === undefined || (typeof Time === 'string' && !Number.isNaN(Date.parse(Time)))) &&
    Object.keys(rest).every((name) => ['Subject', 'DataContentType', 'DataSchema', 'Data'].includes(name))
  );
}

export const envelopeOf = (entry: Entry, { name, account, region }: Bus, nowMs: number): Envelope => ({
  ...{ id: entry.Id, source: entry.Source, specversion: '1.0', type: entry.Type },
  datacontenttype: entry.DataContentType ?? 'application/json;charset=utf-8',
  ...(entry.Subject !== undefined && { subject: entry.Subject }),
  ...(entry.DataSchema !== undefined && { dataschema: entry.DataSchema }),
  time: entry.Time ?? new Date(nowMs).toISOString(),
  ...{ aliyunaccountid: account, aliyunpublishtime: new Date(nowMs).toISOString(), aliyuneventbusname: name },
  ...{ aliyunregionid: region, aliyunoriginalaccountid: account, aliyunpublishaddr: '127.0.0.1' },
  data: entry.Data ?? {},
});

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
