// Accounts for which a role is stored instead of an access key: nothing of the cloud lies about here, and whoever holds the token of this
// process for an hour has a key for an hour.
import { readFile } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import { VendingError } from '../errors.ts';
import { cloudVariableOf, type ProviderName, rowOf } from '../provider-table.ts';
import { type Assumed, type AssumeRole, isRole } from '../providers/assume-role.ts';
import { Secret } from '../secret.ts';
import { jsonObject } from '../transport/json.ts';
import type { Transport } from '../transport/wire.ts';
import { CALL_TIMEOUT_MS } from './timeouts.ts';
import type { UpstreamKey } from './upstream-keys.ts';

interface RoleKeysOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  /** The configuration, as far as it names other hosts than the clouds' own. */
  readonly endpoints: Readonly<Record<string, unknown>>;
  /** In the cloud's own trail. */
  readonly session: string;
}

/** A key is asked for anew this long before it ends: what is signed with it lives for as long as the cloud takes signatures. */
const BEFORE_END_MS = 20 * 60_000;

/** @param stored what is stored for an account: a key, or `{"roleArn", ..., "tokenFile"}` */
export function withRoles(stored: UpstreamKey, { transport, clock, endpoints, session }: RoleKeysOptions): UpstreamKey {
  const held = new Map<string, Assumed>();

  async function assumed(provider: ProviderName, role: Readonly<Record<string, unknown>>): Promise<Assumed> {
    const { assumeRole }: { assumeRole: AssumeRole } = await import(
      `../providers/${rowOf(provider).credentials}/assume-role.ts`
    );
    const identityEndpoint = endpoints[cloudVariableOf(provider, 'STS_ENDPOINT')];
    const around = {
      transport,
      session,
      nowMs: clock.wallMs(),
      ...(typeof identityEndpoint === 'string' && { identityEndpoint }),
    };
    return assumeRole(role, await tokenIn(role.tokenFile), around, { timeoutMs: CALL_TIMEOUT_MS });
  }

  return async (provider, account) => {
    const found = await stored(provider, account);
    const role = found && jsonObject(Buffer.from(found.reveal()));
    if (!isRole(role)) return found;
    const name = `${provider}/${account} ${JSON.stringify(role)}`;
    const known = held.get(name);
    const standing =
      known !== undefined && known.untilMs - clock.wallMs() > BEFORE_END_MS ? known : await assumed(provider, role);
    held.set(name, standing);
    return new Secret(JSON.stringify(standing.key));
  };
}

/** Read each time: whoever issues it writes it anew before it ends. */
async function tokenIn(file: unknown): Promise<Secret> {
  try {
    const text = (await readFile(String(file), 'utf8')).trim();
    if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)) return new Secret(text);
  } catch {}
  throw new VendingError('CREDENTIALS_REFUSED', 'The file that tokenFile names holds no token');
}
