// Holds every path and every file name that a page or a comment mentions against the files that are there, and every link of a page
// against the heading it leads to. Prints what leads nowhere and ends with 1. Part of `npm run check`.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .trim()
  .split('\n');
/** Folders that are made here, by what is built. */
const built = ['portal/dist', 'client/dist'];
const known = new Set([...files.flatMap((file) => [file, ...foldersOf(file)]), ...built]);
const names = new Set(files.map((file) => basename(file)));
/** Mentioned, and not ours: what is made when something runs, and what others call their files. */
const others = new Set(
  [
    'keyvend.yaml keyvend.mjs config.json clouds.json environment.json ledger.sqlite.witness.json sbom.json bignumber.js ipaddr.js sign.js abstract_client.js',
    'howtocorrupt.html rescode.html errcode.html pragma.html stricttables.html partialindex.html lang_upsert.html',
  ]
    .join(' ')
    .split(' '),
);
const top = [...new Set(files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]!))];

const path = new RegExp(
  `(?<![\\w./@-])(?:${top.map((name) => name.replace('.', '\\.')).join('|')})/[\\w./*{},-]*[\\w*}/]`,
  'g',
);
const name = /(?<![\w./@-])[\w-]+(?:\.[\w-]+)*\.(?:ts|mjs|cjs|js|md|yml|yaml|json|svg|html)(?![\w/-])/g;
const link = /\]\((?!https?:|mailto:)([^)\s]*)\)/g;

function* foldersOf(file: string): Generator<string> {
  for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) yield folder;
}

/** `lib/providers/{ens,ecs}/*.ts`: each of the words in braces, and any of what a star stands for. */
function isThere(mentioned: string): boolean {
  const [, before, words, after] = /^(.*?)\{([^}]*)\}(.*)$/.exec(mentioned) ?? [];
  if (words !== undefined) return words.split(',').every((word) => isThere(`${before}${word}${after}`));
  const clean = normalize(mentioned).replace(/\/$/, '');
  const [, module] = /^(functions\/\w+)\.\w+$/.exec(clean) ?? []; // a handler: a file and what it exports
  if (module !== undefined && known.has(`${module}.ts`)) return true;
  if (!clean.includes('*')) return known.has(clean);
  const form = new RegExp(
    `^${clean
      .split('*')
      .map((part) => part.replace(/[.+?^$()|[\]\\]/g, '\\$&'))
      .join('[^/]+')}$`,
  );
  return [...known].some((one) => form.test(one));
}

/** What of a file is written for readers: a page without its fenced code, or a source's comments. */
function proseOf(file: string, text: string): string {
  if (file.endsWith('.md')) return text.replace(/^```[\s\S]*?^```$/gm, '');
  if (/\.(yml|sh)$/.test(file) || file === '.ci/run') return text.replace(/^([^#\n]*)(#.*)?$/gm, '$2');
  if (!/\.(ts|mjs|cjs)$/.test(file)) return '';
  return [...text.matchAll(/^\s*(?:\/\/|\*|\/\*\*)(.*)$|\s\/\/ (.*)$/gm)].map(([, a, b]) => a ?? b).join('\n');
}

/** As GitHub makes them. */
const anchorsOf = (page: string): Set<string> =>
  new Set(
    [...readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );

const wrong: string[] = [];
for (const file of files) {
  if (file === 'package-lock.json') continue;
  const prose = proseOf(file, readFileSync(file, 'utf8'));
  for (const [mentioned] of prose.matchAll(path)) if (!isThere(mentioned)) wrong.push(`${file}: ${mentioned}`);
  for (const [mentioned] of prose.matchAll(name)) {
    if (!names.has(mentioned) && !others.has(mentioned)) wrong.push(`${file}: ${mentioned}`);
  }
  if (!file.endsWith('.md')) continue;
  for (const [, target = ''] of prose.matchAll(link)) {
    const [to = '', anchor] = target.split('#');
    const page = to === '' ? file : join(dirname(file), to).replace(/\/$/, '');
    if (!known.has(page)) wrong.push(`${file}: ${target}`);
    else if (anchor !== undefined && !anchorsOf(page).has(anchor)) wrong.push(`${file}: ${target}`);
  }
}
for (const line of new Set(wrong)) process.stderr.write(`${line} is not there\n`);
process.exitCode = wrong.length > 0 ? 1 : 0;
