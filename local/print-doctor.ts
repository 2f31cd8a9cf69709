// `keyvend doctor`: what a server's configuration comes to when it is tried on the real parts.
import { everyVariable } from '../lib/platforms/configuration.ts';
import { describedConfiguration } from '../lib/platforms/described-configuration.ts';
import type { Finding } from '../lib/platforms/serve/doctor/finding.ts';
import { OF_COMMANDS } from './of-commands.ts';
import { configurationFile, runHere } from './run-here.ts';
import { serverEnvironment } from './server-configuration.ts';

const OTHERS = ['KEYVEND_CONFIG', 'KEYVEND_LOG_LEVEL', ...OF_COMMANDS, ...everyVariable()];
const sign: Readonly<Record<Finding['is'], string>> = { ok: 'ok   ', note: 'note ', wrong: 'WRONG' };

/** @param json one finding a line @returns whether nothing is wrong */
export async function printDoctor(json: boolean): Promise<boolean> {
  const print = ({ is, part, says, next }: Finding) =>
    process.stdout.write(
      json
        ? `${JSON.stringify({ is, part, says, next })}\n`
        : `${sign[is]} ${part.padEnd(13)} ${says}${next === undefined ? '' : `\n${' '.repeat(20)}${next}`}\n`,
    );
  let isGood = true;
  // Before anything is loaded that would stop at the first of them.
  const { refused, off } = describedConfiguration(serverEnvironment(configurationFile(), process.env), OTHERS);
  for (const says of refused) {
    print({ is: 'wrong', part: 'configuration', says, next: 'docs/configuration.md says what each variable takes.' });
    isGood = false;
  }
  if (!isGood) return false;
  print({ is: 'ok', part: 'configuration', says: 'everything is set that must be, and nothing is unknown' });
  for (const says of off) print({ is: 'note', part: 'configuration', says: `off: ${says}` });
  runHere();
  const { examine } = await import('../lib/platforms/serve/doctor/doctor.ts');
  for await (const finding of examine()) {
    print(finding);
    isGood &&= finding.is !== 'wrong';
  }
  return isGood;
}
