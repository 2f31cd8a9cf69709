// What is built is built where it is used: a part of it that came with the sources would be taken for the whole.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('the sources', () => {
  it('hold nothing that is ignored, such as a page that was built once', (context) => {
    if (!existsSync(`${root}.git`)) return context.skip('it is not a checkout');
    const tracked = execFileSync('git', ['ls-files', '--cached', '--ignored', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(tracked).toBe('');
  });
});
