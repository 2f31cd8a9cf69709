import { CALL, type Command, PLACE } from './command.ts';
import { remotely } from './remotely.ts';

export const show: Command = {
  name: 'show',
  words: '<provider> <name>',
  group: 'Key pairs',
  summary: 'print what is on record of a key pair',
  details: `Versions, policy, rotations, what lingers and why, and when it is rotated by age, or why it is not.`,
  options: [...PLACE, 'json', ...CALL, 'config'],
  examples: ['show ens edge', 'show ecs web:prod --region cn-hangzhou --json'],
  async run(words, given) {
    const { named } = await import('./named.ts');
    const identity = named(words, given);
    const { json = false } = given;
    const remote = await remotely(given);
    if (remote !== undefined) await (await import('../remote/key-pairs.ts')).show(remote, identity, json);
    else await (await import('../print-key-pair.ts')).printKeyPair(identity, json);
    return 0;
  },
};
