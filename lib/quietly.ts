/** The result, or undefined when it failed. */
export const quietly = <T>(work: Promise<T>): Promise<T | undefined> => work.catch(() => undefined);
