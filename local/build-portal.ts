// Builds the portal's page, as npm run portal does, where a process that is at work with the page may be.
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../portal/', import.meta.url));

/** @returns the folder, whole at any moment: it is built elsewhere and put in place of the one before */
export async function buildPortal(): Promise<string> {
  const [built, made, before] = ['dist', `dist.${process.pid}`, `dist.${process.pid}.before`].map((name) =>
    join(root, name),
  );
  const { build } = await import('vite');
  await build({ configFile: join(root, 'vite.config.ts'), configLoader: 'native', build: { outDir: made! } });
  await rename(built!, before!).catch(() => {}); // there may be none
  await rename(made!, built!).catch(() => rm(made!, { recursive: true })); // somebody else was quicker
  await rm(before!, { recursive: true, force: true });
  return built!;
}
