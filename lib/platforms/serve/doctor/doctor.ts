// `keyvend doctor`: looks at each part of a deployment as the server would use it, and changes nothing but what a first start would.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../clock.ts';
import { DEFAULT_ACCOUNT } from '../../../identity.ts';
import { cloudVariableOf, providerNames, variableOf } from '../../../provider-table.ts';
import { connectionOf } from '../../../providers/connect.ts';
import { access as accessDocument } from '../../access.ts';
import { configuration } from '../../checked-configuration.ts';
import type { CloudAccess } from '../../cloud-access.ts';
import { access } from '../../clouds.ts';
import type { Configuration } from '../../configuration.ts';
import type { PlatformConfiguration } from '../../platform-table.ts';
import { records } from '../../records.ts';
import { runtime } from '../../runtime.ts';
import { type Account, accountsIn } from '../../upstream-keys.ts';
import { inbox } from '../inbox.ts';
import { lookAtAccounts, lookAtClock } from './clouds.ts';
import type { Finding } from './finding.ts';
import { lookAtIssuer } from './issuers.ts';
import { lookAt, lookAtInbox, lookAtKms, lookAtRecords } from './records.ts';
import { lookAtServer, lookAtWebhook, readers } from './server.ts';

/** In the order in which they are best mended. */
export async function* examine(): AsyncGenerator<Finding> {
  const here = configuration as Configuration & PlatformConfiguration<'serve'>;
  yield* lookAtServer(here, systemClock.wallMs());
  yield* lookAtWebhook(here);
  yield* keyFiles(here.KEYVEND_UPSTREAM_DIR);
  for (const issuer of issuers()) yield* await lookAtIssuer(issuer);
  const ledger = await lookAt('ledger', 'the ledger', records.ledger, async (opened) => {
    await opened.recall('ready', systemClock.wallMs());
    return [];
  });
  yield* ledger;
  yield* await lookAt('inbox', 'the inbox', inbox, (opened) => lookAtInbox(opened, systemClock.wallMs()));
  yield* await lookAt('store', 'the store', runtime.ports, lookAtRecords);
  yield* lookAtKms(configuration);
  const reached = await access();
  const accounts = await withStored(
    await accountsIn(here.KEYVEND_UPSTREAM ?? '{}', here.KEYVEND_UPSTREAM_DIR),
    reached,
  );
  yield* await lookAtClock(await hostsOf(accounts), reached.transport, systemClock);
  if (ledger.some(({ is }) => is === 'wrong')) return; // an alias is known by what the ledger has of it
  yield* await lookAtAccounts(accounts, { ...records, ledger: await records.ledger(), access: reached, configuration });
}

function issuers(): readonly { readonly name: string; readonly issuer: string; readonly keys: string }[] {
  const own = { issuer: configuration.KEYVEND_ISSUER, keys: configuration.KEYVEND_JWKS_URI };
  const named = Object.entries(accessDocument.issuers);
  return (named.length === 0 ? ([['default', {}]] as const) : named).map(([name, entry]) => ({
    name,
    issuer: ('issuer' in entry && entry.issuer) || own.issuer,
    keys: ('keys' in entry && entry.keys) || own.keys,
  }));
}

function keyFiles(folder: string | undefined): readonly Finding[] {
  if (folder === undefined) return [];
  const names = (() => {
    try {
      return readdirSync(folder, { recursive: true, encoding: 'utf8' });
    } catch {
      return [];
    }
  })();
  return names.filter((name) => name.endsWith('.json')).flatMap((name) => readers(join(folder, name)));
}

/** Of what is kept in a store, names are not listed: the one that everybody has is asked for. */
async function withStored(given: readonly Account[], { keyOf }: CloudAccess): Promise<readonly Account[]> {
  const others = providerNames.filter((provider) => !given.some((one) => one.provider === provider));
  const there = await Promise.all(
    others.map((provider) =>
      keyOf(provider, DEFAULT_ACCOUNT).then(
        () => [provider],
        () => [],
      ),
    ),
  );
  return [...given, ...there.flat().map((provider) => ({ provider, account: DEFAULT_ACCOUNT }))];
}

/** One for each cloud that there is a key for. */
async function hostsOf(accounts: readonly Account[]): Promise<readonly string[]> {
  const origins = accounts.map(async ({ provider }) => {
    const { atLoad, early } = await connectionOf(provider);
    const given =
      configuration[variableOf(provider, 'ENDPOINT')] ?? configuration[cloudVariableOf(provider, 'STS_ENDPOINT')];
    return String(given ?? (atLoad ?? early('cn-hangzhou')).origin);
  });
  return [...new Set(await Promise.all(origins))];
}
