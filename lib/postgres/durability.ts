// Whether what the server acknowledges stays. A failover to a standby that lags behind forgets an attempt whose pair exists, or a
// message that somebody was told is filed, and nobody would ever look for it.
import type pg from 'pg';
import { VendingError } from '../errors.ts';
import type { Keeper } from './connection.ts';

export type MayLose = 'nothing' | 'the last writes';

/** @throws {VendingError} `unavailable`, which says what to change */
export async function assertDurable(client: pg.ClientBase, mayLose: MayLose, keeper: Keeper): Promise<void> {
  const refused = (what: string) => new VendingError(keeper.unavailable, what);
  const { rows } = await client.query(`
    SELECT pg_is_in_recovery() AS "isStandby", current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
      current_setting('default_transaction_read_only') AS "readOnly", current_setting('synchronous_standby_names') AS names,
      (SELECT count(*) FROM pg_stat_replication)::int AS standbys`);
  const { isStandby, fsync, commit, readOnly, names, standbys } = rows[0] as Record<string, unknown>;
  if (isStandby || readOnly === 'on')
    throw refused(`The server is a standby or read-only: the ${keeper.name} needs the primary`);
  if (mayLose !== 'nothing') return;
  if (fsync === 'off' || commit === 'off' || (commit === 'local' && Number(standbys) > 0))
    throw refused(`The server may lose what it has acknowledged (fsync ${fsync}, synchronous_commit ${commit})`);
  if (Number(standbys) > 0 && names === '')
    throw refused('The server has a standby, and none that is synchronous: a failover would lose the last writes');
}
