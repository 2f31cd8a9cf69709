// Where an alarm says what to do: each kind of alarm has a section of its name on one page, and its description ends with the link
// to it. tests/deploy/runbook.test.ts holds page and alarms against each other.

/** A path in the repository, so that it holds for the very commit that was deployed. */
export const RUNBOOK = 'docs/on-call.md';

/** The section of a kind of alarm. @param kind such as `DeadLetters`, which is also the section's heading */
export const sectionOf = (kind: string): string => `${RUNBOOK}#${kind.toLowerCase()}`;

/** @param says what has happened, as a sentence; CloudWatch takes 1,024 characters */
export const description = (says: string, kind: string): string => `${says} What to do: ${sectionOf(kind)}`;
