import { fail } from '../fail.ts';
import { CALL, type Command, PLACE } from './command.ts';
import { deploymentOf } from './remotely.ts';

export const history: Command = {
  name: 'history',
  words: '<provider> <name>',
  group: 'Key pairs',
  summary: 'print who did what with a key pair, the newest first',
  details: 'At most 50 entries unless --limit is given. With --json, one object a line.',
  options: [...PLACE, 'limit', 'json', ...CALL],
  examples: ['history ecs web:prod --region cn-hangzhou --limit 10'],
  async run(words, given) {
    const { named } = await import('./named.ts');
    const identity = named(words, given);
    const { limit = '50', json = false } = given;
    if (!/^[1-9]\d{0,5}$/.test(limit)) return fail('--limit takes a number', 2);
    const { history } = await import('../remote/key-pairs.ts');
    await history(await deploymentOf(given), identity, Number(limit), json);
    return 0;
  },
};
