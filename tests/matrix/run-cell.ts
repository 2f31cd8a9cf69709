// One combination: done, refused, failed, or not run on this machine.
import { postgresPrograms } from '../../local/postgres/postgres-server.ts';
import { nameOfUser, sshdProgram } from '../../local/sshd.ts';
import { type Cell, whyNot } from './cells.ts';
import { onAws } from './on-aws.ts';
import { onFc } from './on-fc.ts';
import { onLocal } from './on-local.ts';
import { onServe } from './on-serve.ts';
import { refusedAtStart } from './refused.ts';
import { story } from './story.ts';
import type { Subject } from './subject.ts';

export interface Outcome {
  readonly cell: Cell;
  readonly result: 'passed' | 'refused' | 'failed' | 'not run';
  /** What was done, or why it was not. */
  readonly said: string;
  readonly seconds: number;
}

/** A row for each. */
const subjects: Readonly<Record<Cell['platform'], (cell: Cell) => Promise<Subject>>> = {
  ...{ aws: onAws, local: onLocal, serve: onServe, fc: onFc },
};

/** @returns what has to be installed; undefined where nothing is missing */
export function lackingFor({ ledger }: Cell): string | undefined {
  if (ledger === 'postgres' && postgresPrograms() === undefined) return 'PostgreSQL is not installed';
  if (sshdProgram() === undefined) return 'sshd is not installed';
  return nameOfUser() === undefined ? 'sshd lets in nobody without a name' : undefined;
}

export async function runCell(cell: Cell): Promise<Outcome> {
  const beganMs = performance.now();
  const ended = (result: Outcome['result'], said: string): Outcome => ({
    ...{ cell, result, said, seconds: (performance.now() - beganMs) / 1_000 },
  });
  try {
    if (whyNot(cell) !== undefined) return ended('refused', await refusedAtStart(cell));
    const lacking = lackingFor(cell);
    if (lacking !== undefined) return ended('not run', lacking);
    const subject = await subjects[cell.platform](cell);
    try {
      const steps = await story(subject);
      return ended('passed', steps.map(({ did, seconds }) => `${did} ${seconds.toFixed(1)} s`).join(', '));
    } finally {
      await subject.stop();
    }
  } catch (error) {
    return ended('failed', (error as Error).message.replaceAll(/\s+/g, ' '));
  }
}
