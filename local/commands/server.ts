import type { Command } from './command.ts';

const group = 'Servers';

export const init: Command = {
  ...{ name: 'init', words: '[folder]', group },
  summary: 'write keyvend.yaml and access.yaml, commented, and folders for access keys',
  details: 'What is there already is not touched.',
  options: [],
  examples: ['init /etc/keyvend'],
  async run([folder = '.']) {
    const { init: initIn } = await import('../init.ts');
    return initIn(folder) ? 0 : 1;
  },
};

export const doctor: Command = {
  ...{ name: 'doctor', words: '', group },
  summary: 'try the configuration of a server on the real parts',
  details: `Issuer, ledger, queues, store, clouds and what each access key may do there, clock. Each finding says what to do; ends with 1 if
anything is wrong. Makes ledger, queues and store where there are none, as a first start would, and changes nothing else.`,
  options: ['config', 'json'],
  examples: ['doctor --config keyvend.yaml'],
  async run(_, { json = false }) {
    const { printDoctor } = await import('../print-doctor.ts');
    return (await printDoctor(json)) ? 0 : 1;
  },
};

export const serve: Command = {
  ...{ name: 'serve', words: '', group },
  summary: 'run keyvend as a server of your own: HTTP, workers and schedules in one process',
  details: `By keyvend.yaml, or --config, and by the environment, which counts more. Stops when it is told to (SIGTERM), once every request
has its answer.`,
  options: ['config'],
  examples: ['serve --config /etc/keyvend/keyvend.yaml'],
  staysOn: true,
  async run() {
    const { serveHere } = await import('../serve.ts');
    await serveHere();
    return 0;
  },
};
