// Each call to the ledger, the store and a cloud, for metrics and for traces: which part it was of, what it was for, how long it took and
// how it ended. Traces are for whoever subscribes to the channel `keyvend:step`, from outside (docs/tracing.md). Nothing of what was sent
// or answered is told. Where nobody asks, the parts are as they are.
import { codeOf } from '../../errors.ts';
import { isMeasured, measure } from './meter.ts';

export type Part = 'ledger' | 'store' | 'cloud';

/** What a subscriber is given, at the start and at the end; `outcome` at the end: `ok` or a code. */
export interface Step {
  readonly part: Part;
  readonly step: string;
  /** Whose key pair it is about, where it is about one. No name of a caller, and nothing of a key. */
  readonly keyPair?: {
    readonly provider: string;
    readonly account?: string;
    readonly region?: string;
    readonly name: string;
  };
  outcome?: string;
}

const { channel } = process.getBuiltinModule('node:diagnostics_channel');
/** Named as those of a tracing channel are; by hand, since that would hand on what was answered, and a key is in there. */
const [started, ended] = [channel('tracing:keyvend:step:start'), channel('tracing:keyvend:step:asyncEnd')];

/** Asked once for each part, when it is opened. */
const isObserved = (): boolean => isMeasured() || started.hasSubscribers || ended.hasSubscribers;

export interface Observing {
  /** Whose key pair all of it is about; else its first argument says so. */
  readonly keyPair?: NonNullable<Step['keyPair']>;
  readonly nowMs?: () => number;
}

/** @returns the part, each of whose calls is told where anybody asks */
export function observed<T extends object>(
  part: Part,
  port: T,
  { keyPair, nowMs = () => performance.now() }: Observing = {},
): T {
  if (!isObserved()) return port;
  const told = new Map<PropertyKey, unknown>();
  return new Proxy(port, {
    get(target, property) {
      const method: unknown = Reflect.get(target, property);
      if (typeof method !== 'function' || property === 'close') return method;
      const known = told.get(property);
      if (known !== undefined) return known;
      const calling = async (...given: unknown[]): Promise<unknown> => {
        const step: Step = { part, step: String(property), ...(keyPair ? { keyPair } : keyPairIn(given[0])) };
        const beganMs = nowMs();
        started.publish(step);
        try {
          const value: unknown = await Reflect.apply(method, target, given);
          end(step, 'ok', nowMs() - beganMs);
          return value;
        } catch (error) {
          end(step, codeOf(error), nowMs() - beganMs);
          throw error;
        }
      };
      told.set(property, calling);
      return calling;
    },
  });
}

function end(step: Step, outcome: string, ms: number): void {
  step.outcome = outcome;
  measure('step', { part: step.part, step: step.step, outcome: outcome === 'ok' ? 'ok' : 'failed' }, ms);
  ended.publish(step);
}

function keyPairIn(given: unknown): Pick<Step, 'keyPair'> {
  const of = (given ?? {}) as { identity?: unknown; provider?: unknown; name?: unknown };
  const named = (of.identity ?? of) as Record<string, unknown>;
  if (typeof named.provider !== 'string' || typeof named.name !== 'string') return {};
  const { provider, account, region, name } = named as Record<string, string>;
  return { keyPair: { provider: provider!, name: name!, ...(account && { account }), ...(region && { region }) } };
}
