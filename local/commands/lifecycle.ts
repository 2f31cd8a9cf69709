import { CALL, type Command, PLACE } from './command.ts';
import { deploymentOf } from './remotely.ts';

const base = { words: '<provider> <name>', group: 'Key pairs' } as const;

export const retire: Command = {
  ...base,
  name: 'retire',
  summary: 'take a key pair out of use; it is purged after some days, and can be restored until then',
  options: [...PLACE, 'force', 'json', ...CALL],
  examples: ['retire ecs web:prod --region cn-hangzhou'],
  async run(words, given) {
    const { named } = await import('./named.ts');
    const identity = named(words, given);
    const { retire } = await import('../remote/key-pairs.ts');
    await retire(await deploymentOf(given), identity, given.force ?? false, given.json ?? false);
    return 0;
  },
};

export const restore: Command = {
  ...base,
  name: 'restore',
  summary: 'take a retired key pair into use again',
  options: [...PLACE, 'json', ...CALL],
  examples: ['restore ecs web:prod --region cn-hangzhou'],
  async run(words, given) {
    const { named } = await import('./named.ts');
    const identity = named(words, given);
    const { restore } = await import('../remote/key-pairs.ts');
    await restore(await deploymentOf(given), identity, given.json ?? false);
    return 0;
  },
};
