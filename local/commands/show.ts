import { type Command, PLACE } from './command.ts';

export const show: Command = {
  name: 'show',
  words: '<provider> <name>',
  group: 'Key pairs',
  summary: 'print what is on record of a key pair',
  details: `Versions, policy, rotations, what lingers and why, and when it is rotated by age, or why it is not.`,
  options: [...PLACE, 'json', 'config'],
  examples: ['show ens edge', 'show ecs web:prod --region cn-hangzhou --json'],
  async run(words, given) {
    const { named } = await import('./named.ts');
    const identity = named(words, given);
    const { printKeyPair } = await import('../print-key-pair.ts');
    await printKeyPair(identity, given.json ?? false);
    return 0;
  },
};
