// What went wrong, as the API tells it, or as a browser does that could not reach it.
import type { Problem } from './types.ts';

/** @param error what a call of the client threw */
export function problemOf(error: unknown): Problem {
  const { problem, code, status, detail } = error as { problem?: Problem } & Partial<Problem>;
  if (problem !== undefined) return problem;
  return { code: code ?? 'UNREACHABLE', detail: detail ?? '', ...(status !== undefined && { status }) };
}
