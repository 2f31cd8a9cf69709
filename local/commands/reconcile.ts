import type { Command } from './command.ts';

export const reconcile: Command = {
  name: 'reconcile',
  words: '',
  group: 'Operations',
  summary: 'compare ledger, clouds and secret store, and list what disagrees',
  details: `Ends with 1 if anything does. Changes nothing unless --fix is given. Works on the ledger itself: beside npm start, with the
configuration of a server, or with KEYVEND_PLATFORM=aws and the environment of the deployed functions.`,
  options: ['provider', 'region', 'account', 'fix', 'json', 'config'],
  examples: ['reconcile --provider ecs', 'reconcile --fix'],
  async run(_, { provider, region, account, fix = false, json = false }) {
    const places = Object.entries({ provider, region, account }).filter(([, value]) => value !== undefined);
    const { printReconciled } = await import('../print-reconciled.ts');
    return (await printReconciled({ ...Object.fromEntries(places), fix }, json)) ? 0 : 1;
  },
};
