// The names that a policy takes for users are names that a server takes, too.
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { deadlineIn, systemClock } from '../../lib/clock.ts';
import { PolicyBody } from '../../lib/contract/policy-body.ts';
import { addKey, removeKey } from '../../lib/hosts/keys-on-host.ts';
import { sshHosts } from '../../lib/hosts/ssh.ts';
import { startSshd } from '../../local/sshd.ts';
import { makeAccount, noAccounts, writeAs } from './accounts.ts';
import { makeKey } from './keys.ts';
import { thisMachine } from './rules.ts';

const [old, fresh] = [makeKey(), makeKey()];
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe('the key of a user', () => {
  it.for<[string, (plain: string) => string]>([
    ['in capitals, with dots', (plain) => `${plain}.Ops.EU`],
    ['that begins with a digit', (plain) => `0${plain}`],
    ['of 32 characters', (plain) => plain.padEnd(32, 'x')],
    ['of a domain', (plain) => `CORP\\${plain}`],
    ['of a domain after a plus', (plain) => `CORP+${plain}`],
    ['of a realm', (plain) => `${plain}@corp.example`],
    ["that is a machine's account", (plain) => `${plain}$`],
  ])('%s is replaced like any other', async ([, named], context) => {
    const why = noAccounts();
    if (why) return context.skip(why);
    const account = await makeAccount('/bin/sh', named).catch(() => undefined);
    if (!account) return context.skip('useradd takes no such name here');
    closing.push(() => account.remove());
    const sshd = await startSshd({ accounts: [account], settings: ['AuthorizedKeysFile .ssh/authorized_keys'] });
    closing.push(() => sshd.remove());
    await writeAs(account, join(account.home, '.ssh', 'authorized_keys'), `${old.publicKey}\n`);

    const listed = { host: sshd.host, port: sshd.port, user: account.user, hostKeys: [...sshd.hostKeys.lines] };
    expect(PolicyBody.parse({ hosts: [listed] })).toEqual({ hosts: [listed] });
    const hosts = sshHosts({ rules: thisMachine });
    const reach = { hosts, host: listed, options: { until: deadlineIn(systemClock, 120_000) } };
    await addKey(reach, old, fresh);
    await removeKey(reach, old, fresh);
  });
});
