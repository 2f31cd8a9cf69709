import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Principal } from '../../../lib/access/principal.ts';
import { Denials } from '../../../lib/application/denials.ts';
import type { Identity } from '../../../lib/identity.ts';
import { testClock } from '../../doubles/test-clock.ts';

const identity = (name: string): Identity => ({ provider: 'ecs', account: 'default', region: 'cn-hangzhou', name });
const by = (id: string): Principal => ({ kind: 'token', id, issuer: 'portal', claims: { secret: 'a claim' } });

function started() {
  const clock = testClock();
  const lines: { message: string; fields: Record<string, unknown> }[] = [];
  const denials = new Denials(
    clock,
    { warn: (message, fields) => void lines.push({ message, fields: { ...fields } }) },
    'process-1',
  );
  return { clock, lines, denials, fields: () => lines.map(({ fields }) => fields) };
}

describe('a denial', () => {
  it('is logged with who, what and where, and nothing else of the caller', () => {
    const { denials, lines } = started();
    denials.note(by('https://login mallory'), 'rotate', identity('web'), 'd'.repeat(64));
    expect(lines).toMatchObject([
      {
        message: 'denied',
        fields: {
          who: 'https://login mallory',
          right: 'rotate',
          on: 'ecs/default/cn-hangzhou/web',
          document: 'd'.repeat(64),
          seq: 1,
        },
      },
    ]);
    expect(JSON.stringify(lines)).not.toContain('a claim');
  });

  it('is one line a minute however often it is repeated, and then a count', () => {
    const { denials, clock, fields } = started();
    for (let i = 0; i < 500; i += 1) denials.note(by('a'), 'vend', identity('web'), undefined);
    expect(fields()).toHaveLength(1);
    clock.advance(60_000);
    denials.note(by('a'), 'vend', identity('web'), undefined);
    expect(fields().slice(1)).toMatchObject([
      { who: 'a', again: 499 },
      { who: 'a', right: 'vend' },
    ]);
  });

  it('of one caller is sixty lines a minute at most, which leaves room for those of others', () => {
    const { denials, clock, fields } = started();
    for (let i = 0; i < 500; i += 1) denials.note(by('flood'), 'vend', identity(`web_${i}`), undefined);
    denials.note(by('another'), 'read', identity('web'), undefined);
    expect(fields()).toHaveLength(61);
    expect(fields().at(-1)).toMatchObject({ who: 'another' });
    clock.advance(60_000);
    denials.note(by('another'), 'read', identity('web'), undefined);
    expect(fields().slice(61)).toMatchObject([{ beyond: 440 }, { who: 'another' }]);
  });

  it('is part of a chain: one that is missing, changed or moved shows', () => {
    const { denials, clock, fields } = started();
    for (let i = 0; i < 5; i += 1) {
      denials.note(by(`caller ${i}`), 'vend', identity('web'), undefined);
      clock.advance(30_000);
    }
    let previous = '';
    for (const [i, { digest, ...open }] of fields().entries()) {
      expect(open).toMatchObject({ stream: 'process-1', seq: i + 1, previous });
      expect(createHash('sha256').update(JSON.stringify(open)).digest('hex')).toBe(digest);
      previous = String(digest);
    }
  });
});
