// A copy of the sources as somebody has it who deploys from it: with a stage as docs/deploy.md describes one, and an access document.
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, parseDocument } from 'yaml';
import { blocksUnder } from './documented.ts';

const root = join(import.meta.dirname, '../..');
const copied = ['access', 'deploy', 'functions', 'lib', 'local', 'package.json', 'serverless.yml', 'tsconfig.json'];

export interface Checkout {
  readonly folder: string;
  remove(): void;
}

/** @param stage one that docs/deploy.md describes */
export function checkOut(stage: string): Checkout {
  const folder = mkdtempSync(join(tmpdir(), 'keyvend-checkout-'));
  for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  cpSync(join(root, 'access/example.yaml'), join(folder, `access/${stage}.yaml`));
  const [described = ''] = blocksUnder('Deploy', 'yaml');
  const file = join(folder, 'serverless.yml');
  const service = parseDocument(readFileSync(file, 'utf8'), { logLevel: 'error' });
  service.setIn(['params', stage], parse(described).params[stage]);
  writeFileSync(file, String(service));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
