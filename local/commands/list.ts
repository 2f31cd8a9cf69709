import { CALL, type Command } from './command.ts';
import { deploymentOf } from './remotely.ts';

export const list: Command = {
  name: 'list',
  words: '',
  group: 'Key pairs',
  summary: 'list the key pairs that you may read',
  details: 'With --json, one object a line.',
  options: ['provider', 'region', 'state', 'name', 'requestedBy', 'sort', 'json', ...CALL],
  examples: ['list --provider ecs --name web-', 'list --sort nextAgeRotationAt --json'],
  async run(_, given) {
    const { provider, region, state, name, requestedBy, sort, json = false } = given;
    const words = Object.entries({ provider, region, state, name, requestedBy, sort });
    const query = Object.fromEntries(words.filter(([, value]) => value !== undefined));
    const { list } = await import('../remote/key-pairs.ts');
    await list(await deploymentOf(given), query, json);
    return 0;
  },
};
