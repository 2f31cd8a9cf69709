// Every benchmark and every figure's script in its short form: that it still runs to its end. How fast says nothing here.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { canAllow } from '../../bench/memory/allowance.ts';
import { figures } from '../../bench/support/figure-list.ts';
import { sshdProgram } from '../../local/sshd.ts';
import { lackingPostgres } from '../doubles/postgres-server.ts';
import { noBrowser } from '../portal/browser.ts';

async function run(script: string, words: readonly string[]) {
  const child = spawn(process.execPath, [script, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [printed, told] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => (printed += bytes));
  child.stderr.on('data', (bytes: Buffer) => (told += bytes));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, printed, told };
}

// The rights have tests of their own, which run all that this figure shows.
const ran = Object.entries(figures).filter(([name]) => name !== 'rights');

describe('the figure', () => {
  it.for(ran)('%s can be measured', { timeout: 120_000 }, async ([name, { script, short }], context) => {
    if (name === 'year' && sshdProgram() === undefined) return context.skip('sshd is not installed');
    if (['queues-postgres', 'chaos-serve', 'fc-cold-start'].includes(name) && lackingPostgres !== undefined)
      return context.skip(lackingPostgres);
    const lackingBrowser = noBrowser();
    if (name === 'portal' && lackingBrowser !== undefined) return context.skip(lackingBrowser);
    if (name === 'memory' && !canAllow()) return context.skip('the system tells no processor time of threads');
    const { status, printed, told } = await run(script, short);
    expect(status === 0 ? '' : `${told}${printed}`).toBe('');
    expect(printed).toMatch(/^\| .*\|$|violations 0|, 0 answers that must not be/m);
  });

  it('is measured by a script that fails where something of its own is missing', async () => {
    const { status } = await run('bench/growth.ts', ['--no-such-option']);
    expect(status).toBe(2);
  });
});
