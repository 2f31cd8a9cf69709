// A number with its word: `1 key pair`, `2 key pairs`.
export const counted = (count: number, word: string, many = `${word}s`): string =>
  `${count} ${count === 1 ? word : many}`;
