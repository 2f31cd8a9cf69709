// What runs over stores that are not like AWS's have to be seen to get to, or they prove nothing.
export const reachable = ['dropped', 'full', 'renewed', 'blind', 'fenced'] as const;
export type Reached = Record<(typeof reachable)[number], number>;
export const nothingReached = (): Reached => ({ dropped: 0, full: 0, renewed: 0, blind: 0, fenced: 0 });

export const bothReached = (one: Reached, other: Reached): Reached =>
  Object.fromEntries(reachable.map((what) => [what, one[what] + other[what]])) as Reached;

export const reachedLine = (reached: Reached): string =>
  `reached: ${reachable.map((what) => `${what} ${reached[what]}`).join(', ')}`;
