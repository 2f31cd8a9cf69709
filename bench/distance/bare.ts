// The same calls with Node's own client, one after the other: what a handler cannot be slower than that does nothing at once.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Handler } from '../cold-start/handlers.ts';
import type { Host } from '../cold-start/stand-in/hosts.ts';
import type { Call } from '../cold-start/stand-in/recorder.ts';
import type { Module } from '../cold-start/variants.ts';

const template = fileURLToPath(new URL('./bare.cjs', import.meta.url));

/** @param plans the calls of the first request, and those of every later one */
export function bare(
  { name, expected }: Pick<Handler, 'name' | 'expected'>,
  plans: readonly [readonly Call[], readonly Call[]],
  ports: Readonly<Record<Host, number>>,
  folder: string,
): Module {
  const file = join(folder, `bare-${name}.cjs`);
  const of = (calls: readonly Call[]) =>
    calls.map(({ host, action: _, after: _after, ...call }) => ({ port: ports[host], ...call }));
  const words = [template, plans.map(of), expected].map((word) => JSON.stringify(word));
  writeFileSync(file, `exports.handler = require(${words[0]})(${words[1]}, ${words[2]});\n`);
  return { file, exported: 'handler' };
}
