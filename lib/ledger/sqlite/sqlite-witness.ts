// Whether a ledger's file is the one that it was. A file can be copied, and an old copy can be put in its place; neither shows in
// the file itself. So a note is kept beside it: which file it belongs to, and how many attempts were filed in it by then. When
// one of these does not fit, the ledger gets another home, for good.
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, renameSync, statSync, writeFileSync, writeSync } from 'node:fs';

const DIGITS = 16;
const form = /^\{"home":"([0-9a-f-]{36})","file":"(\d+-\d+)","attempts":"(\d{16})"\}\n$/;

interface Note {
  readonly home: string;
  readonly file: string;
  readonly attempts: number;
}

export interface Witness {
  /** See `Ledger.home`. @param attempts how many were ever filed, by the ledger itself */
  home(attempts: () => number): string;
  /** Notes that so many were filed. Not flushed to the disk: after a power cut it may say less than is true, and never more. */
  filed(attempts: number): void;
}

/** @param path of the ledger's file, which is there; the note beside it need not be */
export function witnessOf(path: string): Witness {
  const notePath = `${path}.witness.json`;
  const { ino, birthtimeMs } = statSync(path, { bigint: true });
  const file = `${ino}-${birthtimeMs}`;
  let known = -1;

  function note(attempts: number, flag: 'w' | 'wx'): string {
    const home = randomUUID();
    const madeAt = flag === 'wx' ? notePath : `${notePath}.${home}`;
    writeFileSync(madeAt, textOf({ home, file, attempts }), { mode: 0o600, flag });
    if (flag === 'w') renameSync(madeAt, notePath);
    return home;
  }

  return {
    home(attempts) {
      const standing = read(notePath); // before the ledger is asked, which may go on meanwhile
      const here = attempts();
      if (standing?.file === file && standing.attempts <= here) return standing.home;
      if (standing !== undefined) return note(here, 'w');
      try {
        return note(here, 'wx');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        return read(notePath)?.home ?? note(here, 'w'); // another process was faster, or it cannot be read
      }
    },

    filed(attempts) {
      if (attempts <= known) return;
      known = attempts;
      const text = readFileSyncOrNothing(notePath);
      if (text === undefined || !form.test(text)) return; // the next look at its home makes it
      const at = openSync(notePath, 'r+');
      try {
        writeSync(at, digits(attempts), text.length - DIGITS - '"}\n'.length);
      } finally {
        closeSync(at);
      }
    },
  };
}

const digits = (number: number): string => String(number).padStart(DIGITS, '0');
const textOf = ({ home, file, attempts }: Note): string =>
  `{"home":"${home}","file":"${file}","attempts":"${digits(attempts)}"}\n`;

function read(path: string): Note | undefined {
  const [, home, file, attempts] = form.exec(readFileSyncOrNothing(path) ?? '') ?? [];
  return home === undefined || file === undefined ? undefined : { home, file, attempts: Number(attempts) };
}

function readFileSyncOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
