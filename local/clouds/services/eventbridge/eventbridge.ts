// EventBridge, as much of it as puts events on a bus: CreateEventBus, ListEventBuses, PutEvents. Every answer has a `Code`, also a good one.
// Source: EventBridge 2020-04-01, the actions of these names, and @alicloud/eventbridge20200401 for the answer's fields.
import { randomUUID } from 'node:crypto';
import { refuseAlibaba } from '../../protocols/alibaba-errors.ts';
import type { Body, Call } from '../../protocols/protocol.ts';
import type { Behaviour } from '../../settings/behaviour.ts';
import type { Action, Service } from '../service.ts';
import { entriesOf, envelopeOf } from './entries.ts';
import { eventBridgeErrors, refusedBy, refuseEventBridge } from './errors.ts';

const text = ({ parameters }: Call, name: string): string => String(parameters.get(name) ?? '');

function mandatory(call: Call, name: string): string {
  const value = text(call, name);
  if (value === '') throw refuseAlibaba('MissingParameter', name);
  return value;
}

const good = (behaviour: Behaviour, Data: Body): Body => ({
  ...{ Code: behaviour['eventbridge.code'], Success: true, Message: 'success', Data },
});

const createEventBus: Action = (call, behaviour) => {
  const name = mandatory(call, 'EventBusName');
  const description = text(call, 'Description');
  if (!/^[A-Za-z][A-Za-z0-9_-]{1,126}$/.test(name) || name === 'default')
    throw refusedBy(behaviour, 'InvalidArgument', 'EventBusName');
  return async ({ buses, place, nowMs, limits }) => {
    const { account, region } = place;
    if (buses.get(place, name)) throw refusedBy(behaviour, 'EventBusAlreadyExist', name);
    if (buses.at(place).length >= limits['eventbridge.buses']) throw refusedBy(behaviour, 'EventBusCountExceedLimit');
    buses.create({ account, region, name, description, createdAtMs: nowMs });
    return { body: good(behaviour, { EventBusARN: `acs:eventbridge:${region}:${account}:eventbus/${name}` }) };
  };
};

const listEventBuses: Action = (call, behaviour) => {
  const prefix = text(call, 'NamePrefix');
  const [limit, from] = [Number(text(call, 'Limit') || 10), Number(text(call, 'NextToken') || 0)];
  if (!(limit >= 1 && limit <= 100) || !Number.isSafeInteger(from))
    throw refusedBy(behaviour, 'InvalidArgument', 'Limit');
  return async ({ buses, place }) => {
    const found = buses.at(place).filter(({ name }) => name.startsWith(prefix));
    const EventBuses = found.slice(from, from + limit).map(({ account, region, name, description, createdAtMs }) => ({
      ...{ EventBusARN: `acs:eventbridge:${region}:${account}:eventbus/${name}`, EventBusName: name },
      ...{ Description: description, CreateTimestamp: createdAtMs },
    }));
    const next = from + limit < found.length ? { NextToken: String(from + limit) } : {};
    return { body: good(behaviour, { EventBuses, Total: found.length, ...next }) };
  };
};

const putEvents: Action = (call, behaviour) => {
  const name = mandatory(call, 'EventBusName');
  mandatory(call, 'EventList');
  return async ({ buses, place, nowMs }) => {
    const bus = buses.get(place, name);
    if (bus === undefined) throw refusedBy(behaviour, 'EventBusNotExist', name);
    const entries = entriesOf(call, behaviour);
    const EntryList = entries.map((entry, i) => {
      const TraceId = randomUUID().replaceAll('-', '').toUpperCase();
      if (fails(behaviour, i, entries.length))
        return { EventId: entry.Id, TraceId, ErrorCode: 'InternalError', ErrorMessage: 'InternalError' };
      buses.put({ bus, envelope: envelopeOf(entry, bus, nowMs) });
      const said = behaviour['eventbridge.entryCode'] === 'Success' ? { ErrorCode: 'Success' } : {};
      return { EventId: entry.Id, TraceId, ...said };
    });
    const FailedEntryCount = EntryList.filter((entry) => 'ErrorMessage' in entry).length;
    return { body: good(behaviour, { FailedEntryCount, EntryList }) };
  };
};

const fails = (behaviour: Behaviour, i: number, of: number): boolean =>
  behaviour['eventbridge.entries'] === 'failed' || (behaviour['eventbridge.entries'] === 'last-failed' && i === of - 1);

export const eventbridge: Service = {
  actions: new Map([
    ['CreateEventBus', createEventBus],
    ['ListEventBuses', listEventBuses],
    ['PutEvents', putEvents],
  ]),
  errors: eventBridgeErrors,
  unpermitted: () => refuseEventBridge('AccessDenied'),
};
