import { type Command, PLACE } from './command.ts';

export const rotate: Command = {
  name: 'rotate',
  words: '<provider> <name>',
  group: 'Rotations',
  summary: 'start a rotation, or say that one is under way',
  details: 'Prints its id and state; the worker carries it out.',
  options: [...PLACE, 'config'],
  examples: ['rotate ecs web:prod --region cn-hangzhou'],
  async run(words, given) {
    const { named } = await import('./named.ts');
    const identity = named(words, given);
    const { printRotate } = await import('../print-rotation.ts');
    await printRotate(identity);
    return 0;
  },
};
