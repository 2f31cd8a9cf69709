// What a command runs with: the environment that it finds, or, where that names no platform, that of `npm start` on this machine.
import { resolve } from 'node:path';
import { readEnvironment } from './stack/environment.ts';

/** Before anything is imported that reads its configuration when it is loaded. */
export function runHere(): void {
  if (process.env.KEYVEND_PLATFORM === undefined)
    Object.assign(process.env, readEnvironment(resolve(process.env.KEYVEND_HOME ?? '.keyvend')));
  process.env.POWERTOOLS_LOG_LEVEL ??= 'SILENT';
}
