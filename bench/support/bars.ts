// Bars in groups, as a picture of their own: no script, no font, no colour that is lost on a dark page.

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** What it is, for its colour: `bare`, `ours` or `theirs`. */
  readonly kind: 'bare' | 'ours' | 'theirs';
}

export interface Picture {
  readonly title: string;
  /** In one line below the title. */
  readonly said: string;
  readonly groups: readonly { readonly name: string; readonly bars: readonly Bar[] }[];
}

const WIDTH = 720;
const LABELS = 220;
const VALUES = 70;
const BAR = 18;
const GAP = 4;
const HEADING = 34;
const TOP = 42;

const style = `text{font:13px system-ui,sans-serif;fill:#1f2328}.h{font-weight:600}.s{fill:#59636e}
.bare{fill:#afb8c1}.ours{fill:#1a7f37}.theirs{fill:#bf8700}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.s{fill:#9198a1}.bare{fill:#656c76}.ours{fill:#3fb950}.theirs{fill:#d29922}}`;

/** @returns SVG, with a description for readers who cannot see it */
export function picture({ title, said, groups }: Picture): string {
  const longest = Math.max(...groups.flatMap(({ bars }) => bars.map(({ value }) => value)));
  let top = TOP;
  const drawn: string[] = [];
  for (const { name, bars } of groups) {
    drawn.push(`<text class="h" x="0" y="${top + 20}">${name}</text>`);
    for (const [row, one] of bars.entries()) drawn.push(bar(one, longest, top + HEADING + row * (BAR + GAP)));
    top += HEADING + bars.length * (BAR + GAP);
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top + 10}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${title}</title>`,
    `<desc id="desc">${groups.map(described).join(' ')}</desc>`,
    `<style>${style}</style>`,
    `<text class="h" x="0" y="16">${title}</text>`,
    `<text class="s" x="0" y="34">${said}</text>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

function bar({ name, value, kind }: Bar, longest: number, y: number): string {
  const width = Math.round(((WIDTH - LABELS - VALUES) * value) / longest);
  const base = y + BAR - 4;
  return [
    `<text x="0" y="${base}">${name}</text>`,
    `<rect class="${kind}" x="${LABELS}" y="${y}" width="${width}" height="${BAR}" rx="2"/>`,
    `<text x="${LABELS + width + 6}" y="${base}">${Math.round(value)}</text>`,
  ].join('');
}

const described = ({ name, bars }: Picture['groups'][number]): string =>
  `${name}: ${bars.map((one) => `${one.name} ${Math.round(one.value)}`).join(', ')}.`;
