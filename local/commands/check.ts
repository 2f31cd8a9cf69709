import type { Command } from './command.ts';

export const check: Command = {
  name: 'check',
  words: '',
  group: 'Operations',
  summary: 'say what is configured, what by default, what is off, and what would be refused',
  details: `Ends with 1 for what would be refused, a variable that nobody knows among it, and where the functions of the deployment have
something else. Runs beside npm start, or with KEYVEND_PLATFORM=aws and the environment of rotationWorker, which has all
variables. Before anything runs: npm start -- --check.`,
  options: ['json', 'config'],
  examples: ['check'],
  async run(_, { json = false }) {
    const { checkHere } = await import('../print-check.ts');
    return (await checkHere(json)) ? 0 : 1;
  },
};
