// How a long work is told of.
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { progress } from '../../../local/progress.ts';

function stream(isTTY: boolean) {
  const out = Object.assign(new PassThrough(), { isTTY, columns: 20 });
  return { out: out as unknown as NodeJS.WriteStream, written: () => String(out.read() ?? '') };
}

describe('progress', () => {
  it('is one line on a terminal, which is replaced, cut to its width, and gone at the end', () => {
    const { out, written } = stream(true);
    const line = progress(out);
    line.show('one of two');
    line.show('x'.repeat(50));
    line.clear();
    const [, first, second, end] = written().split('\r\u001b[2K');
    expect([first, second, end]).toEqual(['one of two', `${'x'.repeat(18)}…`, '']);
  });

  it('is nothing where there is no terminal, or nothing was shown', () => {
    const piped = stream(false);
    progress(piped.out).show('one of two');
    const silent = stream(true);
    progress(silent.out).clear();
    expect(piped.written() + silent.written()).toBe('');
  });
});
