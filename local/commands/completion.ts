import { fail } from '../fail.ts';
import { type Command, shells } from './command.ts';

export const completion: Command = {
  ...{ name: 'completion', words: '<shell>', group: 'This command line' },
  summary: 'print what a shell needs to complete commands: bash, zsh or fish',
  details: `Put eval "$(keyvend completion bash)" into ~/.bashrc, the same with zsh into ~/.zshrc after compinit, or keyvend completion fish
| source into ~/.config/fish/config.fish. Nothing else has to be installed.`,
  options: [],
  examples: ['completion bash'],
  async run([shell = '']) {
    const { scripts } = await import('./completion-scripts.ts');
    if (!Object.hasOwn(scripts, shell)) return fail(`the shell is one of ${shells.join(', ')}`, 2);
    process.stdout.write(scripts[shell as keyof typeof scripts]);
    return 0;
  },
};
