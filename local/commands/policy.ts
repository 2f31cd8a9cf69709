import { fail } from '../fail.ts';
import { CALL, type Command, PLACE } from './command.ts';
import { deploymentOf } from './remotely.ts';

export const policyGet: Command = {
  ...{ name: 'policy get', words: '<provider> <name>', group: 'Rotations' },
  summary: "print a key pair's policy as JSON: its age, its hosts, its overlap",
  options: [...PLACE, ...CALL],
  examples: ['policy get ecs web:prod --region cn-hangzhou'],
  async run(words, given) {
    const { named } = await import('./named.ts');
    const identity = named(words, given);
    const { readPolicy } = await import('../remote/key-pairs.ts');
    await readPolicy(await deploymentOf(given), identity);
    return 0;
  },
};

export const policySet: Command = {
  ...{ name: 'policy set', words: '<provider> <name> <file>', group: 'Rotations' },
  summary: 'set it from a file of JSON or YAML, or from standard input (-)',
  details: 'The whole policy: what the file leaves out is as by default from then on.',
  options: [...PLACE, 'json', ...CALL],
  examples: ['policy set ecs web:prod policy.yaml --region cn-hangzhou'],
  async run([provider, name, file = ''], given) {
    const { named } = await import('./named.ts');
    const identity = named([provider, name], given);
    const { objectFrom } = await import('../object-from.ts');
    const body = objectFrom(file) ?? fail('the policy is not an object of JSON or YAML that can be read', 2);
    const { writePolicy } = await import('../remote/key-pairs.ts');
    await writePolicy(await deploymentOf(given), identity, body, given.json ?? false);
    return 0;
  },
};
