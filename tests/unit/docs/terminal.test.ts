// What the docs make of the commands: the manual page, and pictures of a terminal.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { manPage } from '../../../docs/man-page.ts';
import { terminalPicture } from '../../../docs/terminal.ts';
import { commands } from '../../../local/commands/table.ts';
import { isInstalled } from '../../moto.ts';

describe('the manual page', () => {
  it('is formatted without a warning, and has every command with its options as they are typed', (context) => {
    if (!isInstalled('groff')) return context.skip('groff is not installed');
    const words = ['-man', '-Tutf8', '-ww', '-P-cbou', '-rLL=200n'];
    const { stdout, stderr } = spawnSync('groff', words, { input: manPage(), encoding: 'utf8' });
    expect(stderr).toBe('');
    for (const { name } of commands) expect(stdout).toContain(`keyvend ${name}`);
    expect(stdout).toContain('--token-file <file>');
    expect(stdout).toContain('keyvend ssh ens edge -- -p 2222 root@10.0.0.7 uptime');
  });
});

describe('the picture of a terminal', () => {
  it('shows text with its colours, in the light and in the dark, and nothing of it is markup', () => {
    const picture = terminalPicture('<a>', ['\u001b[1m$ x <b>\u001b[22m & y', '\u001b[32mactive\u001b[39m']);
    expect(picture).toContain('<title>&lt;a&gt;</title>');
    expect(picture).toContain('<tspan class="bold">$ x &lt;b&gt;</tspan> &amp; y</text>');
    expect(picture).toContain('<tspan class="green">active</tspan>');
    expect(picture).toContain('@media (prefers-color-scheme: dark)');
    expect(picture).not.toContain('\u001b');
  });
});
