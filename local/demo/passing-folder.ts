// Where a demo keeps what it makes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @returns a new folder, which is gone when the process ends, however it does */
export function passingFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keyvend-demo-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
