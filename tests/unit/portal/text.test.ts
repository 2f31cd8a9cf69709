// The words of the portal: what one language has, each has.
import { expect, it } from 'vitest';
import { de } from '../../../portal/src/text/de.ts';
import { en } from '../../../portal/src/text/en.ts';
import { zh } from '../../../portal/src/text/zh.ts';

const blanks = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([blank]) => blank).sort();

it.each([
  ['German', de],
  ['Chinese', zh],
] as const)('the portal says in %s all that it says in English, with the same values', (_, other) => {
  expect(Object.keys(other).sort()).toEqual(Object.keys(en).sort());
  for (const [key, text] of Object.entries(en))
    expect(blanks(other[key as keyof typeof en]), key).toEqual(blanks(text));
});

it('no word of the portal is left in English', () => {
  // What is the same in German: names, and words that are.
  const same = Object.entries(en)
    .filter(([key, text]) => de[key as keyof typeof en] === text)
    .map(([, text]) => text);
  expect(same.filter((text) => text.split(' ').length > 2)).toEqual([]);
});
