// How a call fails: with the problem that the API answered, or with UNREACHABLE where there was no answer.
import type { Problem } from './types.ts';

export interface FailureOptions {
  readonly problem?: Problem | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** No message holds a token or what was sent. */
export class KeyvendError extends Error {
  override readonly name = 'KeyvendError';
  /** 0 where there was no answer. */
  readonly status: number;
  /** Stable, as docs/errors.md lists them; `UNREACHABLE` where there was no answer, `HTTP_<status>` where it was no problem document. */
  readonly code: string;
  /** What happened, and what to do. */
  readonly detail: string;
  readonly problem: Problem | undefined;
  /** How long to wait before the next try, in milliseconds, where the API says so. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, code: string, detail: string, { problem, retryAfterMs, cause }: FailureOptions = {}) {
    super(`${code}: ${detail}`, cause === undefined ? undefined : { cause });
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

/** @param answer one with a status of 400 or more */
export async function failureOf(answer: Response): Promise<KeyvendError> {
  const retryAfterMs = waitIn(answer.headers.get('retry-after'));
  const problem = await problemIn(answer);
  if (problem !== undefined)
    return new KeyvendError(answer.status, problem.code, problem.detail, { problem, retryAfterMs });
  const detail = `Something in front of keyvend answered ${answer.status}`;
  return new KeyvendError(answer.status, `HTTP_${answer.status}`, detail, { retryAfterMs });
}

async function problemIn(answer: Response): Promise<Problem | undefined> {
  if (!answer.headers.get('content-type')?.startsWith('application/problem+json')) return undefined;
  const said = (await answer.json().catch(() => undefined)) as Partial<Problem> | undefined;
  return typeof said?.code === 'string' && typeof said.detail === 'string' ? (said as Problem) : undefined;
}

/** Seconds, as keyvend says them; a date is not read. */
function waitIn(said: string | null): number | undefined {
  const seconds = said === null || !/^\d{1,6}$/.test(said) ? undefined : Number(said);
  return seconds === undefined ? undefined : seconds * 1_000;
}
