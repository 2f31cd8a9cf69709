// What is measured for each handler, and the files it is in.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundle } from '../../deploy/bundle.ts';
import type { Handler } from './handlers.ts';
import type { Host } from './stand-in/hosts.ts';
import type { Call } from './stand-in/recorder.ts';

/**
 * - `empty`: an empty handler
 * - `floor`: the same calls by bare `node:https`
 * - `keyvend`: the bundle, as it is packaged
 * - `bundled`: the handler written the usual way, bundled by esbuild with its own settings (which make CommonJS), minified
 * - `modules`: that handler as it was written, an ES module beside `node_modules`
 */
export const kinds = ['empty', 'floor', 'keyvend', 'bundled', 'modules'] as const;
export type Kind = (typeof kinds)[number];

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
): Module {
  const file = join(folder, `floor-${name}.cjs`);
  const plan = calls.map(({ host, action: _, ...call }) => ({ port: ports[host], ...call }));
  const text = `exports.handler = require(${JSON.stringify(template)})(${JSON.stringify(plan)}, ${JSON.stringify(expected)});\n`;
  writeFileSync(file, text);
  return { file, exported: 'handler' };
}
