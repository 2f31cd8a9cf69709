import { fail } from '../fail.ts';
import { CALL, type Command, PLACE } from './command.ts';
import { deploymentOf } from './remotely.ts';

const group = 'Access';

export const accessCheck: Command = {
  ...{ name: 'access check', words: '<file>', group },
  summary: 'say what is wrong in an access document, or probably not meant',
  options: ['json'],
  examples: ['access check access.yaml'],
  async run([file], { json = false }) {
    const { checkAccess } = await import('../print-access.ts');
    checkAccess(file!, json);
    return 0;
  },
};

export const accessCompile: Command = {
  ...{ name: 'access compile', words: '<file>', group },
  summary: 'print an access document as functions read it',
  options: [],
  examples: ['access compile access.yaml'],
  async run([file]) {
    const { compileAccess } = await import('../print-access.ts');
    compileAccess(file!);
    return 0;
  },
};

export const accessExplain: Command = {
  ...{ name: 'access explain', words: '[words...]', shown: '[file] <right> <provider> <name>', group },
  summary: 'say why you, or somebody, may or may not do one thing',
  details: `A right is vend, read, rotate and so on. Without a file it asks the deployment about you. With one, an access document, and
with --as, the claims of a token as JSON, it asks nobody. Ends with 1 for what is refused.`,
  options: ['as', ...PLACE, 'json', ...CALL],
  examples: [
    'access explain vend ecs web:prod --region cn-hangzhou',
    'access explain access.yaml --as claims.json vend ecs web:prod --region cn-hangzhou',
  ],
  async run(words, given) {
    const { as, region, account, json = false } = given;
    const { identityFrom } = await import('../../lib/contract/fields.ts');
    const [file = '', right, provider, name] = as === undefined ? ['', ...words] : words;
    if (right === undefined) return fail('right is missing; see: keyvend help access explain', 2);
    if (as === undefined && words.length > 3) return fail('--as is needed beside a file: the claims of a token', 2);
    const identity = identityFrom({ provider, account, region, name });
    if (as === undefined) {
      const to = await deploymentOf(given);
      return (await import('../remote/operations.ts')).explain(to, right, identity, json);
    }
    const { explainAccess } = await import('../print-access.ts');
    return explainAccess(file, as, right, identity) ? 0 : 1;
  },
};
