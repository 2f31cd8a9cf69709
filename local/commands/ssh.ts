import type { Identity } from '../../lib/identity.ts';
import { fail } from '../fail.ts';
import { CALL, type Command, type Given, PLACE } from './command.ts';
import { deploymentOf } from './remotely.ts';

export const ssh: Command = {
  name: 'ssh',
  words: '<name> [words...]',
  shown: '[provider] <name> -- [user@]host [command]',
  group: 'Key pairs',
  summary: 'log in to a host with a stored key, which is written nowhere',
  details: `Reads the key as keyvend key does, gives it to an ssh-agent that is started for this connection alone, and runs your own ssh. What
follows -- is ssh's: options of its own, a host, a command. Your own agent is not touched, and when ssh ends, agent and
folder are gone, also when this command is killed. Ends as ssh ends. Without a provider the deployment is asked which key pair
is called so.`,
  options: ['provider', ...PLACE, ...CALL, 'config'],
  examples: [
    'ssh web:prod -- root@10.0.0.7',
    'ssh ecs web:prod --region cn-hangzhou -- root@10.0.0.7',
    'ssh ens edge -- -p 2222 root@10.0.0.7 uptime',
  ],
  async run(all, given) {
    const { own, words } = parted(all);
    const [name = '', provider = given.provider, ...more] = own.toReversed();
    if (words.length === 0 || more.length > 0)
      return fail('a host is needed after --: keyvend ssh [PROVIDER] NAME -- [USER@]HOST [COMMAND]', 2);
    const identity = provider === undefined ? await onlyOne(name, given) : await here(name, { ...given, provider });
    const { storedKey } = await import('../print-key.ts');
    const { connect } = await import('../agent/connect.ts');
    return connect(identity, await storedKey(identity), words);
  },
};

/** What is in front of `--` is keyvend's, and what follows it is ssh's; without it, the first word is the name. */
function parted(all: readonly string[]) {
  const dashes = process.argv.indexOf('--');
  const first = dashes < 0 ? 1 : all.length - (process.argv.length - dashes - 1);
  return { own: all.slice(0, first), words: all.slice(first) };
}

const here = async (name: string, given: Given): Promise<Identity> =>
  (await import('./named.ts')).named([given.provider, name], given);

/** A deployment knows which key pair is called so; the key is read where it is stored all the same. */
async function onlyOne(name: string, given: Given): Promise<Identity> {
  const to = await deploymentOf(given);
  const { onlyOne } = await import('../remote/key-pairs.ts');
  const found = await onlyOne(to, name, given);
  return found ?? fail('give --provider and --region: not just one key pair in use is called so', 2);
}
