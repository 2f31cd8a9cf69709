import type { Command } from './command.ts';

const group = 'Operations';

export const queueList: Command = {
  ...{ name: 'queue list', words: '', group },
  summary: 'list the messages of an inbox: what waits, is in hand or was buried and why',
  details: `What is done is listed only with --state done. The inbox is that beside the ledger: KEYVEND_LEDGER=sqlite (usual) with
KEYVEND_HOME, or postgres with its variables.`,
  options: ['queue', 'state', 'json', 'config'],
  examples: ['queue list', 'queue list --state buried --json'],
  async run(_, { queue, state, json = false }) {
    const { printQueue } = await import('../print-queue.ts');
    await printQueue({ queue, state }, json);
    return 0;
  },
};

export const queueShow: Command = {
  ...{ name: 'queue show', words: '<queue> <id>', group },
  summary: 'show a message with its body, and which of its fields are wrong',
  options: ['json', 'config'],
  examples: ['queue show keyvend-ecs 5b1c'],
  async run([queue, id], { json = false }) {
    const { printMessage } = await import('../print-queue.ts');
    return (await printMessage(queue!, id!, json)) ? 0 : 3;
  },
};

export const queuePutBack: Command = {
  ...{ name: 'queue put-back', words: '<queue> <id>', group },
  summary: 'have a buried message tried again, as if it were filed now',
  options: ['config'],
  examples: ['queue put-back keyvend-ecs 5b1c'],
  async run([queue, id]) {
    const { putBack } = await import('../print-queue.ts');
    return (await putBack(queue!, id!)) ? 0 : 3;
  },
};
