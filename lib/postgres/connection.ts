// Connections to PostgreSQL: few, none that was idle for long, and every failure with whether a write may have been carried out.
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { type Clock, type Deadline, deadlineIn, leftMs } from '../clock.ts';
import { type Effect, type FailureCode, VendingError } from '../errors.ts';
import { isLoopback } from '../transport/proxy.ts';

/** At a time. */
const CONNECTIONS = 4;
/**
 * A server, or what is in front of it, gives up idle connections; a process that was frozen hears of it with its first statement. By
 * either clock: while a process is frozen, one of them may stand still.
 */
const IDLE_MS = 5_000;
const CONNECT_MS = 5_000;
const STATEMENT_MS = 8_000;

/** Who keeps what there, and how its failures are reported. */
export interface Keeper {
  /** As in "The ledger's database ...". */
  readonly name: string;
  readonly unavailable: FailureCode;
}

export interface PostgresOptions {
  readonly url: string;
  readonly passwordFile?: string | undefined;
  readonly caFile?: string | undefined;
  /** At most so many at a time. Default 4. */
  readonly connections?: number | undefined;
  readonly clock: Clock;
}

export type Row = Readonly<Record<string, unknown>>;

export interface Connection {
  /** A statement that changes nothing: once more on a new connection, where one broke. */
  read(text: string, values: readonly unknown[]): Promise<readonly Row[]>;
  /** @throws {VendingError} `unavailable`, with `effect: unknown` where it may have been carried out */
  write(text: string, values: readonly unknown[]): Promise<readonly Row[]>;
  /** Something that takes a connection for itself. */
  with<T>(act: (client: pg.ClientBase) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Of these it is known that the statement was not carried out. Source: postgresql.org/docs/15/errcodes-appendix.html. */
const undone = /^(?:22|23|25|28|3D|40|42|53|54|55|57014|57P03)/;

export function connect(
  { url, passwordFile, caFile, connections = CONNECTIONS, clock }: PostgresOptions,
  keeper: Keeper,
): Connection {
  const ca = caFile && readFileSync(caFile, 'utf8');
  const config: pg.PoolConfig = {
    ...partsOf(url),
    ...(passwordFile && { password: () => readFileSync(passwordFile, 'utf8').trimEnd() }),
    ...((ca || !isLoopback(new URL(url).hostname)) && { ssl: { ...(ca && { ca }), rejectUnauthorized: true } }),
    max: connections,
    idleTimeoutMillis: IDLE_MS,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: STATEMENT_MS,
    allowExitOnIdle: true,
  };
  let pool: pg.Pool | undefined;
  let freshUntil: Deadline | undefined;

  function open(): pg.Pool {
    if (freshUntil !== undefined && leftMs(clock, freshUntil) < 0) drop();
    freshUntil = deadlineIn(clock, IDLE_MS);
    if (pool === undefined) {
      pool = new pg.Pool(config);
      // A connection that breaks, idle or not, would end the process; whoever has a statement on it hears of it there.
      pool.on('error', () => {});
      pool.on('connect', (client) => client.on('error', () => {}));
    }
    return pool;
  }
  function drop(): void {
    pool?.end().catch(() => {});
    pool = undefined;
  }

  const taken = (): Promise<pg.PoolClient> =>
    open()
      .connect()
      .catch((error: unknown) => {
        throw unavailable(keeper, error, 'none');
      });

  async function run(text: string, values: readonly unknown[], changes: boolean): Promise<readonly Row[]> {
    const client = await taken();
    try {
      const { rows } = await client.query(text, [...values]);
      client.release();
      return rows;
    } catch (error) {
      const code = codeOf(error);
      const isWhole = code !== undefined && undone.test(code);
      client.release(!isWhole); // one on which an answer may still come is not used again
      throw unavailable(keeper, error, changes && !isWhole ? 'unknown' : 'none');
    } finally {
      freshUntil = deadlineIn(clock, IDLE_MS);
    }
  }

  return {
    read: (text, values) =>
      run(text, values, false).catch((error: VendingError) => {
        if (error.cause === undefined || isRefusal(error.cause)) throw error;
        drop();
        return run(text, values, false);
      }),
    write: (text, values) => run(text, values, true),
    async with(act) {
      const client = await taken();
      try {
        return await act(client);
      } catch (error) {
        throw error instanceof VendingError ? error : unavailable(keeper, error, 'none');
      } finally {
        client.release();
      }
    },
    async close() {
      await pool?.end();
      pool = undefined;
    },
  };
}

/** By itself, because the client lets a URL without a password beat a password that is given beside it. */
function partsOf(url: string): pg.PoolConfig {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    ...(port && { port: Number(port) }),
    user: decodeURIComponent(username),
    ...(password && { password: decodeURIComponent(password) }),
    database: decodeURIComponent(pathname.slice(1)),
  };
}

const codeOf = (error: unknown): string | undefined => {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
};
/** The server has answered, and would answer the same again. */
const isRefusal = (error: unknown): boolean => undone.test(codeOf(error) ?? '');

/** Says a code of the server or the network, and none of its words: they may quote a value. */
function unavailable({ name, unavailable: code }: Keeper, error: unknown, effect: Effect): VendingError {
  const { code: said } = error as { code?: unknown };
  const why = typeof said === 'string' ? said : 'no answer';
  return new VendingError(code, `The ${name}'s database could not be asked (${why})`, { effect, cause: error });
}
