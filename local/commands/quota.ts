import { CALL, type Command } from './command.ts';
import { deploymentOf } from './remotely.ts';

export const quota: Command = {
  name: 'quota',
  words: '',
  group: 'Access',
  summary: 'say how many key pairs there are in each place, and how many there may be',
  options: ['provider', 'region', 'json', ...CALL],
  examples: ['quota --provider ecs'],
  async run(_, given) {
    const { provider, region, json = false } = given;
    const words = Object.entries({ provider, region }).filter(([, value]) => value !== undefined);
    const { quota } = await import('../remote/operations.ts');
    await quota(await deploymentOf(given), Object.fromEntries(words), json);
    return 0;
  },
};
