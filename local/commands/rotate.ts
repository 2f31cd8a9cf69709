import { CALL, type Command, PLACE } from './command.ts';
import { remotely } from './remotely.ts';

export const rotate: Command = {
  name: 'rotate',
  words: '<provider> <name>',
  group: 'Rotations',
  summary: 'start a rotation, or say that one is under way',
  details: 'Prints its id and state; the worker carries it out.',
  options: [...PLACE, 'json', ...CALL, 'config'],
  examples: ['rotate ecs web:prod --region cn-hangzhou'],
  async run(words, given) {
    const { named } = await import('./named.ts');
    const identity = named(words, given);
    const { json = false } = given;
    const remote = await remotely(given);
    if (remote !== undefined) await (await import('../remote/rotations.ts')).rotate(remote, identity, json);
    else await (await import('../print-rotation.ts')).printRotate(identity, json);
    return 0;
  },
};
