// A word of a command that is printed to be pasted.

/**
 * @returns the word as it is where a POSIX shell takes it as one word with nothing special in it, else in single quotes. That holds
 * inside of `"$(...)"` as well
 */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
