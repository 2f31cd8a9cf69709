import type { Command } from './command.ts';

export const ledger: Command = {
  name: 'ledger',
  words: '',
  group: 'Operations',
  summary: 'say which deployment this is, and whether its ledger is the one that it was',
  details: `Ends with 1 if it was restored or copied, or if keys are stored that it does not know of.`,
  options: ['json', 'config'],
  examples: ['ledger'],
  async run(_, { json = false }) {
    const { printLedger } = await import('../print-ledger.ts');
    return (await printLedger(json)) ? 0 : 1;
  },
};

export const ledgerConfirm: Command = {
  name: 'ledger confirm',
  words: '',
  group: 'Operations',
  summary: 'go on with a ledger that was restored or copied',
  details: 'Until then it makes and deletes nothing. Compare it first: keyvend reconcile.',
  options: ['config'],
  examples: ['ledger confirm'],
  async run() {
    const { confirmLedger } = await import('../print-ledger.ts');
    await confirmLedger();
    return 0;
  },
};
