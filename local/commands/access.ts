import { fail } from '../fail.ts';
import { type Command, PLACE } from './command.ts';

const group = 'Access';

export const accessCheck: Command = {
  ...{ name: 'access check', words: '<file>', group },
  summary: 'say what is wrong in an access document, or probably not meant',
  options: [],
  examples: ['access check access.yaml'],
  async run([file]) {
    const { checkAccess } = await import('../print-access.ts');
    checkAccess(file!);
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
  ...{ name: 'access explain', words: '<file> <right> <provider> [name]', group },
  summary: 'say why somebody may or may not do one thing',
  details: `The file is an access document, and --as the claims of a token, as JSON. A right is vend, read, rotate and so on. Ends with 1
for what is refused.`,
  options: ['as', ...PLACE],
  examples: ['access explain access.yaml --as claims.json vend ecs web:prod --region cn-hangzhou'],
  async run([file, right, provider, name], { as, region, account }) {
    if (as === undefined) return fail('--as is needed: a file with the claims of a token', 2);
    const { explainAccess } = await import('../print-access.ts');
    const { identityFrom } = await import('../../lib/contract/fields.ts');
    return explainAccess(file!, as, right!, identityFrom({ provider, account, region, name })) ? 0 : 1;
  },
};
