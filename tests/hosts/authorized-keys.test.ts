// The editing itself, on text alone.
import { describe, expect, it } from 'vitest';
import { linesOf, withKeyAdded, withKeyRemoved, withLinesBack } from '../../lib/hosts/authorized-keys.ts';
import { forcesCommand, parseLine } from '../../lib/hosts/authorized-line.ts';
import { random } from '../doubles/random.ts';
import { makeKey } from './keys.ts';

const [old, fresh, other] = [makeKey().publicKey, makeKey().publicKey, makeKey().publicKey];
const add = (text: string) => withKeyAdded(text, old, fresh);
const remove = (text: string, key = old) => withKeyRemoved(text, key);

describe('a line', () => {
  it('has the key first, or the options and then the key', () => {
    expect(parseLine(`${old} me@here, twice`)).toMatchObject({ options: '', rest: ' me@here, twice' });
    expect(parseLine(`no-pty ${old}`)).toMatchObject({ options: 'no-pty', rest: '' });
    expect(parseLine(` \tno-pty\t  ${old}\tx `)).toMatchObject({ options: 'no-pty', rest: '\tx ' });
  });

  it('may have options whose quoted values hold blanks, commas, quotes and whole keys', () => {
    const options = `command="say \\"a, b\\" ${other} # no",from="10.0.0.0/8",no-pty`;
    const [line] = linesOf(`${options} ${old} c\n`, old);
    expect(line).toMatchObject({ options, rest: ' c' });
    expect(linesOf(`${options} ${old} c\n`, other)).toEqual([]);
  });

  it.each([
    ['an empty line', ''],
    ['a line of blanks', ' \t '],
    ['a comment', `# ${old}`],
    ['an indented comment', `  # ${old}`],
    ['an open quote', `command="x ${old}`],
    ['a key after two fields', `no-pty no-x11 ${old}`],
    ['a type without a key', 'ssh-ed25519'],
    ['a key of another type than it says', old.replace('ssh-ed25519', 'ssh-rsa')],
    ['a key that was cut', old.slice(0, -5)],
    ['a key behind a NUL, where sshd stops to read', `no-pty\0 ${old}`],
  ])('is not taken for one of the key: %s', (_what, line) => {
    expect(linesOf(`${line}\n`, old)).toEqual([]);
  });

  it('does not let its key in when it is one of a certificate authority', () => {
    expect(linesOf(`cert-authority ${old}\nCert-Authority,no-pty ${old}\n`, old)).toEqual([]);
  });

  it("may name an RSA key by SHA-2's names, as sshd permits", () => {
    const rsa = 'AAAAB3NzaC1yc2EAAAADAQABAAAAAQM=';
    expect(parseLine(`rsa-sha2-512 ${rsa} c`)).toMatchObject({ blob: rsa, options: '' });
  });

  it.each([
    ['command="x"', true],
    ['no-pty,COMMAND="x"', true],
    ['from="a,command=\\"b\\",c",command="x"', true],
    ['from="command=x"', false],
    ['environment="A=command=",no-pty', false],
    ['no-pty', false],
    ['', false],
  ])('forces a command, or not, with the options "%s": %s', (options, forced) => {
    expect(forcesCommand(options)).toBe(forced);
  });
});

describe('adding a key', () => {
  it('puts the new line directly behind the old one, with its options and its comment', () => {
    expect(add(`${other}\nfrom="10.0.0.1" ${old} me\n${other} x\n`)).toBe(
      `${other}\nfrom="10.0.0.1" ${old} me\nfrom="10.0.0.1" ${fresh} me\n${other} x\n`,
    );
  });

  it('carries each of several old lines over', () => {
    expect(add(`from="a" ${old}\n${other}\nfrom="b" ${old} c\n`)).toBe(
      `from="a" ${old}\nfrom="a" ${fresh}\n${other}\nfrom="b" ${old} c\nfrom="b" ${fresh} c\n`,
    );
  });

  it('keeps CRLF, even where the last line has no line end', () => {
    expect(add(`${other}\r\n${old} a\r\n`)).toBe(`${other}\r\n${old} a\r\n${fresh} a\r\n`);
    expect(add(`${other}\r\n${old}`)).toBe(`${other}\r\n${old}\r\n${fresh}`);
    expect(add(`${old}`)).toBe(`${old}\n${fresh}`);
  });

  it('changes nothing when the new key is there, and says so when the old one is not', () => {
    const text = `no-pty ${fresh}\n${other}\n`;
    expect(add(text)).toBe(text);
    expect(() => add(`${other}\n`)).toThrowError(expect.objectContaining({ code: 'HOST_LINE_ABSENT' }));
    expect(() => add('')).toThrowError(expect.objectContaining({ code: 'HOST_LINE_ABSENT' }));
  });
});

describe('removing a key', () => {
  it('removes every line of the key and no other', () => {
    expect(remove(`# a\n${old} x\n\n  no-pty ${old}\r\n# ${old}\n${other}\n`)).toBe(`# a\n\n# ${old}\n${other}\n`);
    expect(remove(`${other}\n`)).toBe(`${other}\n`);
    expect(remove(old)).toBe('');
  });

  it('leaves a file without a final line end as one without', () => {
    expect(remove(`${other}\n${old}`)).toBe(other);
    expect(remove(`${other}\r\n${old}`)).toBe(other);
    expect(remove(`${old}\n${other}`)).toBe(other);
  });
});

describe('putting a key back', () => {
  const back = (text: string, before: string) => withLinesBack(text, before, old, fresh);

  it('puts the lines in front of the key that stays, in a file that has changed since', () => {
    const before = `no-pty ${old} x\r\n${fresh}\n${old}`;
    expect(back(`# new\n${fresh}\n${other}\n`, before)).toBe(`# new\nno-pty ${old} x\n${old}\n${fresh}\n${other}\n`);
  });

  it('puts the lines at the end when the key that stays is not there any more', () => {
    expect(back(`# new`, `${old} x\n`)).toBe(`# new\n${old} x\n`);
    expect(back('', `${old} x\n`)).toBe(`${old} x\n`);
  });

  it('does nothing when the key is back already', () => {
    expect(back(`a ${old}\n`, `${old}\n`)).toBe(`a ${old}\n`);
  });
});

describe('the rest of the file', () => {
  const { below, chance, pick } = random(20_260_301);
  const bytes = () =>
    Array.from({ length: below(40) }, () => String.fromCharCode(below(256)).replace('\n', ' ')).join('');
  const foreign = () =>
    pick([
      () => bytes(),
      () => `# ${bytes()}`,
      () => `${other} ${bytes()}`,
      () => `command="${bytes().replaceAll('"', '\\"')}",no-pty ${other}`,
      () => `#${old}`,
      () => `${old.slice(0, -8)} cut`,
      () => `cert-authority ${old}`,
      () => '',
    ])();
  const end = () => pick(['\n', '\r\n']);
  const ours = () =>
    `${pick(['', 'no-pty ', 'from="a b",command="c \\" d" ', '\t'])}${old}${pick(['', ' me', '\tq  '])}`;

  it('stays as it is, and has the same bytes as before once the new key is removed again', () => {
    for (let round = 0; round < 3_000; round += 1) {
      const all = Array.from({ length: 1 + below(8) }, () => ({ line: foreign(), mine: false }));
      all.splice(below(all.length + 1), 0, { line: ours(), mine: true });
      if (chance(0.3)) all.splice(below(all.length + 1), 0, { line: ours(), mine: true });
      const rows = all.map((row) => ({ ...row, end: end() }));
      // A CR at a foreign line's end is a part of its line end; any other byte is the line's.
      if (chance(0.3)) rows.at(-1)!.end = '';
      const text = rows.map((row) => row.line + row.end).join('');
      const added = add(text);
      expect(remove(added, fresh)).toBe(text);
      expect(add(added)).toBe(added);
      const gone = remove(added);
      expect(linesOf(gone, old)).toEqual([]);
      expect(linesOf(gone, fresh).map(({ options, rest }) => [options, rest])).toEqual(
        linesOf(text, old).map(({ options, rest }) => [options, rest]),
      );
      const left = rows.filter(({ mine }) => !mine);
      if (rows.at(-1)!.end !== '') expect(remove(gone, fresh)).toBe(left.map((row) => row.line + row.end).join(''));
    }
  });
});
