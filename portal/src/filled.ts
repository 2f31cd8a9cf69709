/** Without what is empty, as a query has it: an empty word would be one to look for. */
export const filled = (words: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(words).filter(([, word]) => word !== ''));
