// What a terminal shows, as a picture: text with a command's own colours, light or dark as the page that it is on.
import { stripVTControlCharacters } from 'node:util';

const LINE = 18;
const CHARACTER = 8.1;
const PAD = 16;

const style = `
  .page { fill: #f6f8fa; stroke: #d0d7de }
  text { font: 13.5px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328 }
  .bold { font-weight: 600 } .dim { fill: #656d76 } .red { fill: #b3261e } .green { fill: #1a7f37 } .yellow { fill: #8a5a00 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; stroke: #30363d } text { fill: #e6edf3 }
    .dim { fill: #8b949e } .red { fill: #ff7b72 } .green { fill: #56d364 } .yellow { fill: #e3b341 }
  }
`;

const ESCAPE = '\u001b';
const sgr = new RegExp(`(${ESCAPE}\\[\\d*m)`);

/** Of SGR, what keyvend prints. Source: ECMA-48, 8.3.117. */
const classes: Readonly<Record<string, string>> = { 1: 'bold', 2: 'dim', 31: 'red', 32: 'green', 33: 'yellow' };

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function spans(line: string): string {
  let name: string | undefined;
  return line
    .split(sgr)
    .map((part) => {
      const [, code] = part.startsWith(ESCAPE) ? (/(\d*)m$/.exec(part) ?? []) : [];
      if (code !== undefined) {
        name = classes[code];
        return '';
      }
      const text = escaped(stripVTControlCharacters(part));
      return name === undefined || text === '' ? text : `<tspan class="${name}">${text}</tspan>`;
    })
    .join('');
}

/** @param title what the picture says to whoever does not see it */
export function terminalPicture(title: string, lines: readonly string[]): string {
  const longest = Math.max(...lines.map((line) => stripVTControlCharacters(line).length));
  const [width, height] = [Math.ceil(longest * CHARACTER) + 2 * PAD, lines.length * LINE + 2 * PAD];
  const rows = lines.map(
    (line, i) => `  <text x="${PAD}" y="${PAD + LINE * (i + 1) - 5}" xml:space="preserve">${spans(line)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `  <title>${escaped(title)}</title>`,
    `  <style>${style}</style>`,
    `  <rect class="page" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    ...rows,
    '</svg>',
    '',
  ].join('\n');
}
