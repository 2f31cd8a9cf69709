import { fail } from '../fail.ts';
import { CALL, type Command, PLACE } from './command.ts';
import { deploymentOf } from './remotely.ts';

export const vend: Command = {
  name: 'vend',
  words: '<provider> <name>',
  group: 'Key pairs',
  summary: 'have a key pair made, and its private key stored',
  details:
    'The same request again answers the same pair. The private key is in no answer: keyvend key reads it where it is stored.',
  options: [...PLACE, 'tag', 'resourceGroup', 'project', 'idempotencyKey', 'json', ...CALL],
  examples: ['vend ens edge', 'vend ecs web:prod --region cn-hangzhou --tag team=web'],
  async run(words, given) {
    const { named } = await import('./named.ts');
    const identity = named(words, given);
    const { tag = [], resourceGroup, project, idempotencyKey, json = false } = given;
    const tags = tag.map((one) => /^([^=]+)=(.*)$/s.exec(one)?.slice(1) ?? fail('--tag takes key=value', 2));
    if (project !== undefined && !/^\d{1,9}$/.test(project)) return fail('--project takes a number', 2);
    const more = {
      ...(tags.length > 0 && { tags: Object.fromEntries(tags) }),
      ...(resourceGroup !== undefined && { resourceGroupId: resourceGroup }),
      ...(identity.provider === 'cvm' && { projectId: Number(project ?? 0) }),
    };
    const { vend } = await import('../remote/key-pairs.ts');
    await vend(await deploymentOf(given), identity, more, idempotencyKey, json);
    return 0;
  },
};
