// What a command runs with: the configuration of a server of one's own, where there is one; else the environment that it finds, or, where
// that names no platform, that of `npm start` on this machine.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { serverEnvironment, withAccess } from './server-configuration.ts';
import { readEnvironment } from './stack/environment.ts';

/** Where a server's configuration is looked for unless somebody says something else. */
const USUAL_FILE = 'keyvend.yaml';

/** @returns KEYVEND_CONFIG, or keyvend.yaml where it is there and the environment names no platform */
export function configurationFile(): string | undefined {
  const { KEYVEND_CONFIG: said, KEYVEND_PLATFORM: platform } = process.env;
  return said ?? (platform === undefined && existsSync(USUAL_FILE) ? USUAL_FILE : undefined);
}

/** Whether a command is meant for a server of one's own. */
export const isServer = (): boolean => configurationFile() !== undefined || process.env.KEYVEND_PLATFORM === 'serve';

/** Before anything is imported that reads its configuration when it is loaded. */
export function runHere(): void {
  const { POWERTOOLS_LOG_LEVEL: level = 'SILENT' } = process.env;
  if (isServer()) Object.assign(process.env, withAccess(serverEnvironment(configurationFile(), process.env)));
  else if (process.env.KEYVEND_PLATFORM === undefined)
    Object.assign(process.env, readEnvironment(resolve(process.env.KEYVEND_HOME ?? '.keyvend')));
  process.env.POWERTOOLS_LOG_LEVEL = level;
}
