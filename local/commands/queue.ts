import { CALL, type Command } from './command.ts';
import { remotely } from './remotely.ts';

const group = 'Operations';
const overHttp = () => import('../remote/operations.ts');
const here = () => import('../print-queue.ts');

export const queueList: Command = {
  ...{ name: 'queue list', words: '', group },
  summary: 'list the messages of an inbox: what waits, is in hand or was buried and why',
  details: `What is done is listed only with --state done. The inbox is that beside the ledger: KEYVEND_LEDGER=sqlite (usual) with
KEYVEND_HOME, or postgres with its variables; or that of the deployment that is meant.`,
  options: ['queue', 'state', 'json', ...CALL, 'config'],
  examples: ['queue list', 'queue list --state buried --json'],
  async run(_, given) {
    const { queue, state, json = false } = given;
    const remote = await remotely(given);
    if (remote !== undefined) await (await overHttp()).listMessages(remote, given);
    else await (await here()).printQueue({ queue, state }, json);
    return 0;
  },
};

export const queueShow: Command = {
  ...{ name: 'queue show', words: '<queue> <id>', group },
  summary: 'show a message with its body, and which of its fields are wrong',
  options: ['json', ...CALL, 'config'],
  examples: ['queue show keyvend-ecs 5b1c'],
  async run([queue = '', id = ''], given) {
    const { json = false } = given;
    const remote = await remotely(given);
    if (remote === undefined) return (await (await here()).printMessage(queue, id, json)) ? 0 : 3;
    await (await overHttp()).showMessage(remote, queue, id, json);
    return 0;
  },
};

export const queuePutBack: Command = {
  ...{ name: 'queue put-back', words: '<queue> <id>', group },
  summary: 'have a buried message tried again, as if it were filed now',
  options: [...CALL, 'config'],
  examples: ['queue put-back keyvend-ecs 5b1c'],
  async run([queue = '', id = ''], given) {
    const remote = await remotely(given);
    if (remote === undefined) return (await (await here()).putBack(queue, id)) ? 0 : 3;
    await (await overHttp()).putBack(remote, queue, id);
    return 0;
  },
};
