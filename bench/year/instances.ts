// Instances with a pair attached, and templates that launch them.
import { DAY_MS, deadlineIn } from '../../lib/clock.ts';
import type { Version } from '../../lib/vending/attempt.ts';
import type { Agenda } from './agenda.ts';
import type { Book, Pair } from './book.ts';
import { type Account, withLine } from './machines.ts';
import { REGION, type Stack } from './stack.ts';

const WEEK_MS = 7 * DAY_MS;

interface Running {
  readonly id: string;
  readonly pair: Pair;
  /** Which machine it is, where it is one of ours. */
  readonly account: Account | undefined;
}

export class Instances {
  readonly #stack: Stack;
  readonly #book: Book;
  readonly #agenda: Agenda;
  readonly #running = new Set<Running>();

  constructor(stack: Stack, book: Book, agenda: Agenda) {
    this.#stack = stack;
    this.#book = book;
    this.#agenda = agenda;
  }

  /** One instance, and for every second key pair a template. */
  async begins(pair: Pair): Promise<void> {
    const { fleet } = this.#stack.clouds.admin;
    const { name } = pair.identity;
    if (this.#book.pairs.indexOf(pair) % 2 === 0)
      await fleet.addTemplate({ service: 'ecs', region: REGION, name, data: { KeyPairName: name } });
    await this.launches(pair);
  }

  async launches(pair: Pair = this.#agenda.random.pick(this.#book.pairs)): Promise<void> {
    const { fleet } = this.#stack.clouds.admin;
    const template = fleet.templates().find(({ name }) => name === pair.identity.name);
    const { data } = template?.versions.find(({ number }) => number === template.defaultVersion) ?? {};
    const current = (await this.#versions(pair)).at(-1)!;
    const named = this.#agenda.random.chance(0.5) ? data?.KeyPairName : undefined;
    const keyPair = String(named ?? current.upstreamName ?? pair.identity.name);
    const { id } = await fleet.addInstance({ service: 'ecs', region: REGION, keyPair });
    const account = this.#agenda.random.chance(0.7) ? this.#agenda.random.pick([...pair.listed.keys()]) : undefined;
    const running = { id, pair, account };
    this.#running.add(running);
    this.#agenda.counted('instance launched');
    this.#agenda.in(2 * WEEK_MS + this.#agenda.random.below(6 * WEEK_MS), async () => {
      this.#running.delete(running);
      await fleet.release(id);
      this.#agenda.counted('instance released');
    });
  }

  boots(): void {
    const booted = [...this.#running].flatMap(({ account }) => account ?? []);
    if (booted.length > 0) this.boot(this.#agenda.random.pick(booted));
  }

  /** Each instance that the machine is writes its pair's key back. */
  boot(account: Account): void {
    if (!account.machine.isUp) return;
    for (const { id, pair } of [...this.#running].filter((one) => one.account === account)) {
      const version = this.#attached(id, pair);
      const before = account.read();
      const after = withLine(before, version.publicKey);
      if (after === before) continue;
      account.write(after);
      this.#book.note(account, this.#agenda.nowMs, `${pair.identity.name}: ${version.id} is written back`);
      if (pair.listed.has(account)) this.#book.bootWrote(account, version, this.#agenda.nowMs);
      this.#agenda.counted('key written back by a boot');
    }
  }

  /** The pair that the cloud says it has by now. */
  #attached(instance: string, { versions }: Pair) {
    const { keyPairs } = this.#stack.clouds.admin.fleet.instances().find(({ id }) => id === instance)!;
    return [...versions.values()].find(({ keyPairId }) => keyPairId === keyPairs[0]?.id)!;
  }

  /** What names an old pair is made to name the one that counts by a person. */
  async retargets(pair: Pair): Promise<void> {
    const { fleet, ports } = this.#stack;
    const call = { timeoutMs: ports.settings.callTimeoutMs, signBefore: deadlineIn(ports.clock, 60_000) };
    const pairOf = ({ upstreamName: name = pair.identity.name }: Version) => ({ region: REGION, name });
    const [current, ...older] = (await this.#versions(pair)).toReversed();
    for (const old of older) {
      const references = await fleet.references(pairOf(old), call);
      for (const reference of references.filter(({ isDefault }) => isDefault)) {
        await fleet.retarget!(reference, pairOf(current!), call);
        this.#agenda.counted('template given the new pair by a person');
      }
    }
  }

  /** Those that there are, the one that counts last. */
  async #versions(pair: Pair): Promise<readonly Version[]> {
    const { record } = (await this.#stack.ports.ledger.read(pair.identity))!;
    this.#book.learn(pair, record);
    return record.versions;
  }
}
