// Those whom the example's access document knows, and what their tokens say of them.
export const people = {
  operator: { says: 'may do everything', claims: {} },
  'team-a': { says: 'may do much with what is called team-a-*, and team_a_* on CVM', claims: { groups: ['team-a'] } },
  auditor: { says: 'may read all, and the trail', claims: { groups: ['auditors'] } },
} as const;

export const isPerson = (word: unknown): word is keyof typeof people =>
  typeof word === 'string' && Object.hasOwn(people, word);
