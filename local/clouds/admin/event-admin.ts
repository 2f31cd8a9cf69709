// Rules and their targets: what was put on a bus is handed on when somebody says so, one try at a time. Nothing waits.
import type { Buses, Envelope, Put } from '../state/buses.ts';

export interface EventRule {
  readonly bus: string;
  /** As in EventBridge: a list of values for each field, of which one has to fit; all fields have to. Without one, every event fits. */
  readonly pattern?: Readonly<Record<string, readonly (string | { readonly prefix: string })[]>>;
  /** A URL of this machine that the event is posted to, or what takes it; false, or a status but 2xx, for one that failed. */
  readonly target: string | ((event: Envelope) => Promise<boolean>);
  /** BACKOFF_RETRY tries three times; then the event is a dead letter. Default 3. */
  readonly tries?: number;
}

interface Pending {
  readonly rule: EventRule;
  readonly event: Envelope;
  readonly tried: number;
}

export class EventAdmin {
  readonly #buses: Buses;
  #rules: EventRule[] = [];
  #pending: Pending[] = [];
  #dead: Envelope[] = [];

  constructor(buses: Buses) {
    this.#buses = buses;
    buses.onPut = (put) => this.#matched(put);
  }

  /** What was put on a bus, in order. */
  list(bus?: string): readonly Envelope[] {
    return this.#buses
      .events()
      .filter((put) => bus === undefined || put.bus.name === bus)
      .map(({ envelope }) => envelope);
  }

  /** Past every check, as if somebody had made it in the console. */
  addBus(name: string, { account = '1000000000000001', region = 'cn-hangzhou' } = {}): void {
    this.#buses.create({ account, region, name, description: '', createdAtMs: 0 });
  }

  /** As if somebody had put it, past every check. @throws {TypeError} where there is no such bus */
  put(name: string, envelope: Envelope): void {
    const bus = this.#buses.all().find((one) => one.name === name);
    if (bus === undefined) throw new TypeError(`there is no bus ${name}`);
    this.#buses.put({ bus, envelope });
  }

  /** Events that are put from now on. @throws {TypeError} for a URL of another machine */
  addRule(rule: EventRule): void {
    const { bus, target } = rule;
    if (typeof bus !== 'string') throw new TypeError('bus is the name of a bus');
    if (typeof target !== 'function' && !/^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?\//.test(String(target)))
      throw new TypeError('target is a URL of this machine');
    this.#rules.push(rule);
  }

  /** Tries once whatever waits. */
  async deliver(): Promise<{ readonly delivered: number; readonly failed: number; readonly dead: number }> {
    const now = this.#pending.splice(0);
    const result = { delivered: 0, failed: 0, dead: 0 };
    for (const { rule, event, tried } of now) {
      if (await taken(rule.target, event)) result.delivered += 1;
      else if (tried + 1 < (rule.tries ?? 3)) {
        this.#pending.push({ rule, event, tried: tried + 1 });
        result.failed += 1;
      } else {
        this.#dead.push(event);
        result.dead += 1;
      }
    }
    return result;
  }

  deadLetters(): readonly Envelope[] {
    return this.#dead;
  }

  clear(): void {
    this.#rules = [];
    this.#pending = [];
    this.#dead = [];
  }

  #matched({ bus, envelope }: Put): void {
    const rules = this.#rules.filter((rule) => rule.bus === bus.name && fits(rule.pattern ?? {}, envelope));
    this.#pending.push(...rules.map((rule) => ({ rule, event: envelope, tried: 0 })));
  }
}

const fits = (pattern: NonNullable<EventRule['pattern']>, event: Envelope): boolean =>
  Object.entries(pattern).every(([field, values]) =>
    values.some((value) =>
      typeof value === 'string' ? event[field] === value : String(event[field] ?? '').startsWith(value.prefix),
    ),
  );

async function taken(target: EventRule['target'], event: Envelope): Promise<boolean> {
  if (typeof target === 'function') return target(event).catch(() => false);
  const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
  const answer = await fetch(target, { method: 'POST', headers, body: JSON.stringify(event) }).catch(() => undefined);
  await answer?.arrayBuffer();
  return answer?.ok ?? false;
}
