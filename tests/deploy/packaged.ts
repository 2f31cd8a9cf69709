// What `npm run package` made, packaged once for all suites of this folder, in a folder of its own.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of a hundred shapes, and every access here is an assertion
export type Json = any;
export interface Packaged {
  readonly folder: string;
  readonly template: { readonly Resources: Readonly<Record<string, Json>>; readonly Outputs: Json };
  /** What it printed. */
  readonly said: string;
}

const script = fileURLToPath(new URL('../../deploy/package.ts', import.meta.url));

/** Without credentials, and without a home where some could be found. */
export async function packaged(...options: string[]): Promise<Packaged> {
  const folder = mkdtempSync(join(tmpdir(), 'keyvend-deploy-'));
  const env = { PATH: process.env.PATH, HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', SLS_TELEMETRY_DISABLED: '1' };
  const args = [script, '--package', folder, ...options];
  const { stdout: said } = await promisify(execFile)(process.execPath, args, { env }).catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });
  const template = JSON.parse(readFileSync(join(folder, 'cloudformation-template-update-stack.json'), 'utf8'));
  return { folder, template, said };
}

export const ofType = ({ template }: Packaged, type: string): [string, Json][] =>
  Object.entries(template.Resources).filter(([, { Type }]) => Type === type);

/** A list, however CloudFormation lets it be written. */
export const list = <T>(value: T | T[] | undefined): T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/** Every value under a name, wherever in the template. */
export function everywhere(value: Json, name: string): Json[] {
  if (value === null || typeof value !== 'object') return [];
  const own = !Array.isArray(value) && name in value ? [value[name]] : [];
  return [...own, ...Object.values(value).flatMap((inner) => everywhere(inner, name))];
}
