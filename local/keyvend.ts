// `npx keyvend <command>`. The HTTP API never hands out a private key; `keyvend key` reads one where it is stored. A command is a row of
// commands/table.ts, and loads what it needs when it runs.
import { refuseSwitches } from '../lib/platforms/switches.ts';
import type { Command, Given } from './commands/command.ts';
import { programFor } from './commands/program.ts';

const words = process.argv.slice(2);
let [json, staysOn] = [false, false];

async function run(command: Command, words: readonly string[], given: Given): Promise<void> {
  json = given.json ?? false;
  staysOn = command.staysOn ?? false;
  if (given.config !== undefined) process.env.KEYVEND_CONFIG = given.config;
  const code = (await command.run(words, given)) ?? 0;
  if (staysOn) return;
  // What was printed into a pipe may still be on its way.
  await new Promise((written) => process.stdout.write('', written));
  process.exit(code); // connections that are kept alive would hold the process
}

// Whoever reads it, `head` for instance, has seen enough; but a server whose log nobody takes has failed.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' && !staysOn ? 0 : 1));

const program = programFor(run);
try {
  refuseSwitches(process.env, process.execArgv);
  if (words[0] === '--version') process.stdout.write(`${(await import('./version.ts')).version()}\n`);
  else await program.parseAsync(words, { from: 'user' });
} catch (error) {
  if ((error as { code?: unknown }).code === 'commander.helpDisplayed') process.exit(0);
  const { failed } = await import('./failed.ts');
  process.exitCode = await failed(error, { program, words, json });
}
