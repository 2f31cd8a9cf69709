// What is measured for each handler, and the files it is in.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundle, compiledAhead } from '../../deploy/bundle.ts';
import type { Handler } from './handlers.ts';
import type { Host } from './stand-in/hosts.ts';
import type { Call } from './stand-in/recorder.ts';

/**
 * - `empty`: an empty handler
 * - `floor`: the same calls by bare `node:https`, those side by side that ours makes side by side
 * - `sequence`: the same calls, one after the other
 * - `keyvend`: the bundle, as it is packaged
 * - `compiled`: the bundle, compiled ahead
 * - `bundled`: the handler written the usual way, bundled by esbuild with its own settings (which make CommonJS), minified
 * - `modules`: that handler as it was written, an ES module beside `node_modules`
 */
export const kinds = ['empty', 'floor', 'sequence', 'keyvend', 'compiled', 'bundled', 'modules'] as const;
export type Kind = (typeof kinds)[number];
/** What is written the usual way, which not every handler is. */
export type Usual = 'bundled' | 'modules';
export type Ours = Exclude<Kind, Usual>;
/** Of each kind, the usual ones where there are any. */
export type Each<T> = Readonly<Record<Ours, T>> & Partial<Readonly<Record<Usual, T>>>;

export interface Module {
  readonly file: string;
  readonly exported: string;
  /** The size of a bundle. */
  readonly bytes?: number;
}

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
export const empty: Module = { file: fileURLToPath(new URL('./empty.cjs', import.meta.url)), exported: 'handler' };
const template = fileURLToPath(new URL('./floor.cjs', import.meta.url));

export async function keyvend({ module, exported }: Handler, folder: string): Promise<Module> {
  const { file, bytes } = await bundle(module, folder);
  return { file, exported, bytes };
}

export async function compiled({ module, exported }: Handler, folder: string): Promise<Module> {
  const { file } = await bundle(module, join(folder, 'compiled'));
  return { file, exported, bytes: compiledAhead(file) };
}

/** Whether there is such a handler written the usual way: of those that vend, and of the catalog for what it is usually asked. */
export const hasUsual = ({ name, module, exported }: Handler): boolean =>
  name === `${module}.${exported}` && existsSync(here(`./usual/${module}.mjs`));

export const modules = ({ module, exported }: Handler): Module => ({
  file: here(`./usual/${module}.mjs`),
  exported,
});

export async function bundled(handler: Handler, folder: string): Promise<Module> {
  const { file, exported } = modules(handler);
  const outfile = join(folder, `usual-${handler.module}.cjs`);
  const { metafile } = await build({
    entryPoints: [file],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    metafile: true,
  });
  return { file: outfile, exported, bytes: Object.values(metafile.outputs)[0]!.bytes };
}

/** The recorded calls are in a module, so that reading them costs no more than any other line of it. */
export function floor(
  { name, expected }: Handler,
  calls: readonly Call[],
  ports: Readonly<Record<Host, number>>,
  folder: string,
  order: 'floor' | 'sequence',
): Module {
  const file = join(folder, `${order}-${name}.cjs`);
  const plan = calls.map(({ host, action: _, ...call }, i) => ({
    port: ports[host],
    ...call,
    ...(order === 'sequence' && { after: i }),
  }));
  const text = `exports.handler = require(${JSON.stringify(template)})(${JSON.stringify(plan)}, ${JSON.stringify(expected)});\n`;
  writeFileSync(file, text);
  return { file, exported: 'handler' };
}
