// How far a message of an inbox is.

/** `waiting`: nobody has it, whether it is due or not. */
export const messageStates = ['waiting', 'in-hand', 'buried', 'done'] as const;
export type MessageState = (typeof messageStates)[number];
