import { describe, expect, it } from 'vitest';
import { adviceFor } from '../../../lib/contract/rotation-advice.ts';
import { type FailureCode, failures } from '../../../lib/errors.ts';

const codes = Object.keys(failures) as FailureCode[];

describe('the advice on a rotation', () => {
  it.each(codes)('says something that whoever reads it can do, and never to send a request: %s', (code) => {
    const advice = adviceFor(code);
    expect(advice).toMatch(/^[A-Z].*\.$/);
    expect(advice).not.toMatch(/\b(send|request|again after)\b/i);
    expect(advice).not.toMatch(/undefined|\.\.| {2}/);
    expect(advice.length).toBeLessThan(170);
  });

  it('says what the code means as well, wherever the worker goes on by itself', () => {
    for (const code of ['COVERAGE_MISSED', 'STORE_UNAVAILABLE', 'HOST_UNREACHABLE', 'DEADLINE_PASSED'] as const)
      expect(adviceFor(code)).toMatch(/^.+\. .*tried again by itself/);
  });
});
