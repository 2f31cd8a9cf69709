// The HTTP functions as bars, in a picture of their own: no script, no font, no colour that is lost on a dark page.
import type { Measured } from './figures.ts';
import { names } from './report.ts';
import { type Kind, kinds } from './variants.ts';

const WIDTH = 720;
const LABELS = 190;
const VALUES = 70;
const BAR = 18;
const GAP = 4;
const HEADING = 34;
const TOP = 42;

const style = `text{font:13px system-ui,sans-serif;fill:#1f2328}.h{font-weight:600}.s{fill:#59636e}
.empty,.floor,.sequence{fill:#afb8c1}.keyvend,.compiled{fill:#1a7f37}.bundled,.modules{fill:#bf8700}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.s{fill:#9198a1}.empty,.floor,.sequence{fill:#656c76}.keyvend,.compiled{fill:#3fb950}.bundled,.modules{fill:#d29922}}`;

/** @returns SVG; undefined where no provider's HTTP function was measured */
export function chart(all: readonly Measured[]): string | undefined {
  const shown = all.filter(({ provider, handler }) => provider !== undefined && handler === `${provider}.http`);
  if (shown.length === 0) return undefined;
  const longest = Math.max(...shown.flatMap(({ figures }) => Object.values(figures).map(({ wallMs }) => wallMs)));
  const group = HEADING + kinds.length * (BAR + GAP);
  const height = TOP + shown.length * group + 10;
  const bars = shown.flatMap(({ provider, figures }, i) => {
    const top = TOP + i * group;
    return [
      `<text class="h" x="0" y="${top + 20}">${provider?.toUpperCase()}</text>`,
      ...kinds.map((kind, row) => bar(kind, figures[kind]?.wallMs ?? 0, longest, top + HEADING + row * (BAR + GAP))),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title desc">`,
    '<title id="title">Cold start: milliseconds to the first answer</title>',
    `<desc id="desc">${shown.map(described).join(' ')}</desc>`,
    `<style>${style}</style>`,
    '<text class="h" x="0" y="16">Cold start: milliseconds from process start to first answer</text>',
    '<text class="s" x="0" y="34">one vend over TLS with answers at once; medians, shorter is better</text>',
    ...bars,
    '</svg>\n',
  ].join('\n');
}

function bar(kind: Kind, wallMs: number, longest: number, y: number): string {
  const width = Math.round(((WIDTH - LABELS - VALUES) * wallMs) / longest);
  const base = y + BAR - 4;
  return [
    `<text x="0" y="${base}">${names[kind]}</text>`,
    `<rect class="${kind}" x="${LABELS}" y="${y}" width="${width}" height="${BAR}" rx="2"/>`,
    `<text x="${LABELS + width + 6}" y="${base}">${Math.round(wallMs)}</text>`,
  ].join('');
}

const described = ({ provider, figures }: Measured): string =>
  `${provider?.toUpperCase()}: ${kinds.map((kind) => `${names[kind]} ${Math.round(figures[kind]?.wallMs ?? 0)}`).join(', ')}.`;
