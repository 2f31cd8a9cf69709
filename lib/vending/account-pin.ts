// The alias of an account always stands for the same account of the cloud. Otherwise a key pair would be looked for where it never
// was: its absence would count, and its key would be removed while the pair is still there.
import { VendingError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { Indexed, Ledger } from '../ledger/ledger.ts';
import type { AccessKey, KeyPairProvider } from '../providers/provider.ts';
import { FOREVER_MS } from './deployment.ts';

/** A provider that asks nothing of the cloud before its access key is known to be of the alias's own account. */
export interface PinnedProvider extends KeyPairProvider {
  /** @throws {VendingError} ACCOUNT_MOVED, ACCOUNT_SHARED, or what the ledger or the cloud said */
  assertAccount(): Promise<void>;
}

interface Pin {
  readonly account: string;
  /** Digests of the access keys that the cloud has said are of it, the latest last. */
  readonly keys: readonly string[];
}

type Alias = Pick<Identity, 'provider' | 'account'>;
/** What the ledger has on file of an alias. */
type Recalled = Promise<string | undefined>;

const nameOf = ({ provider, account }: Alias): string => `account of ${provider}/${account}`;

/** Access keys that expire follow one another; of each alias so many are known again without asking. */
const KEYS_KEPT = 20;

export class AccountPins {
  readonly #ledger: Pick<Ledger<Indexed, unknown>, 'recall' | 'remember' | 'restate'>;
  readonly #clock: { wallMs(): number };
  readonly #callTimeoutMs: number;
  /** What was found to be so stays so: neither an alias nor a key changes its account. */
  readonly #known = new Map<string, Promise<void>>();
  /** The aliases of which a key is known. */
  readonly #pinned = new Set<string>();

  constructor(
    ledger: Pick<Ledger<Indexed, unknown>, 'recall' | 'remember' | 'restate'>,
    clock: { wallMs(): number },
    { callTimeoutMs }: { readonly callTimeoutMs: number },
  ) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#callTimeoutMs = callTimeoutMs;
  }

  /** Reads what an alias stands for, beside the reading of its access key; undefined where this process has learned it already. */
  recalled({ provider, account }: Alias): Recalled | undefined {
    if (this.#pinned.has(`${provider}/${account}`)) return undefined;
    const recalled = this.#ledger.recall(nameOf({ provider, account }), this.#clock.wallMs());
    recalled.catch(() => {}); // whoever goes by it hears of it
    return recalled;
  }

  /** Begins to ask at once, beside whatever the caller does first. @param recalled what `recalled` gave for the same alias, where it is at hand */
  pinned(place: Alias, provider: KeyPairProvider, key: AccessKey, recalled?: Recalled): PinnedProvider {
    const asked = this.#assertOnce(place, key, recalled);
    const guarded =
      <A extends unknown[], R>(call: (...given: A) => Promise<R>) =>
      async (...given: A): Promise<R> => {
        await asked;
        return call(...given);
      };
    return {
      provider: provider.provider,
      create: guarded(provider.create),
      import: guarded(provider.import),
      find: guarded(provider.find),
      list: guarded(provider.list),
      count: guarded(provider.count),
      remove: guarded(provider.remove),
      assertAccount: () => asked,
    };
  }

  #assertOnce(place: Alias, key: AccessKey, recalled: Recalled | undefined): Promise<void> {
    const known = `${place.provider}/${place.account} ${key.digest}`;
    const standing = this.#known.get(known);
    if (standing !== undefined) return standing;
    const asked = this.#assert(place, key, recalled);
    this.#known.set(known, asked);
    asked.catch(() => this.#known.delete(known)); // whoever calls hears of it, and whoever comes later asks again
    return asked;
  }

  async #assert(place: Alias, key: AccessKey, recalled: Recalled | undefined): Promise<void> {
    const { provider, account: alias } = place;
    const name = nameOf(place);
    const nowMs = this.#clock.wallMs();
    const standing = await (recalled ?? this.#ledger.recall(name, nowMs));
    if (!(standing !== undefined && pinIn(standing).keys.includes(key.digest))) {
      const account = await key.account({ timeoutMs: this.#callTimeoutMs });
      const first = JSON.stringify({ account, keys: [key.digest] } satisfies Pin);
      const pin = pinIn(standing ?? (await this.#ledger.remember(name, first, nowMs, FOREVER_MS)));
      if (pin.account !== account) {
        throw new VendingError(
          'ACCOUNT_MOVED',
          "The access key of this alias is of another account than the alias's own",
        );
      }
      const owner = await this.#ledger.remember(`alias of ${provider}/${account}`, alias, nowMs, FOREVER_MS);
      if (owner !== alias) throw new VendingError('ACCOUNT_SHARED', 'Another alias already stands for this account');
      if (!pin.keys.includes(key.digest)) {
        const keys = [...pin.keys, key.digest].slice(-KEYS_KEPT);
        await this.#ledger.restate(name, JSON.stringify({ account, keys } satisfies Pin), FOREVER_MS);
      }
    }
    this.#pinned.add(`${provider}/${alias}`);
  }
}

const pinIn = (json: string): Pin => JSON.parse(json) as Pin;
