import { fail } from '../fail.ts';
import { type Command, PLACE } from './command.ts';

export const ssh: Command = {
  name: 'ssh',
  words: '<name> [words...]',
  group: 'Key pairs',
  summary: 'log in to a host with a stored key, which is written nowhere',
  details: `Reads the key as keyvend key does, gives it to an ssh-agent that is started for this connection alone, and runs your own ssh. What
follows -- is ssh's: options of its own, a host, a command. Your own agent is not touched, and when ssh ends, agent and
folder are gone, also when this command is killed. Ends as ssh ends.`,
  options: ['provider', ...PLACE, 'config'],
  examples: [
    'ssh web:prod --provider ecs --region cn-hangzhou -- root@10.0.0.7',
    'ssh edge --provider ens -- -p 2222 root@10.0.0.7 uptime',
  ],
  async run([name, ...words], given) {
    if (words.length === 0) return fail('a host is missing: keyvend ssh NAME ... -- [USER@]HOST [COMMAND]', 2);
    if (given.provider === undefined) return fail('--provider is needed: ens, ecs or cvm', 2);
    const { named } = await import('./named.ts');
    const identity = named([given.provider, name], given);
    const { storedKey } = await import('../print-key.ts');
    const { connect } = await import('../agent/connect.ts');
    return connect(identity, await storedKey(identity), words);
  },
};
