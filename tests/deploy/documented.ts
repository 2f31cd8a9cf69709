// What docs/deploy.md says, so that a test can do the very same.
import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');

const sectionOf = (heading: string): string => page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
const codeIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
const DEPLOYER = 'Rights of the deployer';

/** The kinds of resources that have a row in the table of the deployer's rights. */
export const rowsOfDeployer = (): string[] =>
  sectionOf(DEPLOYER)
    .split('\n')
    .flatMap((line) => codeIn(line.split('|')[1] ?? ''))
    .filter((code) => code.startsWith('AWS::'));

/** `lambda:CreateFunction` */
export const deployersRights = (): Set<string> =>
  new Set(codeIn(sectionOf(DEPLOYER)).filter((code) => /^[a-z0-9]+:\w+$/.test(code)));

/** The code blocks of a section, in their order. */
export function blocksUnder(heading: string, language: 'sh' | 'yaml'): string[] {
  return [...sectionOf(heading).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, said]) => said === language)
    .map(([, , text = '']) => text);
}

/** The one command that begins so, without what is remarked behind it. */
export function commandOf(heading: string, beginning: string): string {
  const lines = blocksUnder(heading, 'sh').flatMap((block) =>
    block
      .replaceAll(/ {2,}#.*$/gm, '')
      .replaceAll('\\\n', ' ')
      .split('\n'),
  );
  const [command, ...more] = lines.filter((line) => line.startsWith(beginning));
  if (command === undefined || more.length > 0) throw new TypeError(`docs/deploy.md has not one "${beginning}"`);
  return command;
}
