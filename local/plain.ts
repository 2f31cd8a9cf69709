// Text from elsewhere on a terminal: nothing in it is obeyed, and its width is known.

/** Whoever wrote it chose its words, and a terminal would obey some of them. */
export const plain = (text: string): string =>
  text.replace(/[^\P{C}\n\t]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const narrow = /^[\p{M}\p{Cf}]/u;

/** How many columns a terminal gives it. Source: Unicode Standard Annex 11, the ranges that are wide or full width. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += narrow.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return columns;
}

/** Cut so that it has at most so many columns; the last one then says that there was more. */
export function cutTo(text: string, most: number): string {
  if (columnsOf(text) <= most) return text;
  let [kept, columns] = ['', 0];
  for (const character of text) {
    columns += columnsOf(character);
    if (columns > most - 1) break;
    kept += character;
  }
  return `${kept}…`;
}
