// The page as npm run portal builds it, in a folder of its own.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const configFile = fileURLToPath(new URL('../../portal/vite.config.ts', import.meta.url));

/** @returns the folder, for whoever asks to remove */
export async function buildPage(): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'keyvend-portal-'));
  await build({ configFile, build: { outDir, emptyOutDir: true } });
  return outDir;
}
