// The functions of the table, as a stage has them: what of its package each is started from, and which path leads to it.
import { join } from 'node:path';
import { type FcFunctionName, fcFunctions, functionName } from '../../deploy/fc/functions.ts';
import type { FunctionSpec } from './fc-function.ts';

export const functionNames = Object.keys(fcFunctions) as FcFunctionName[];

/** Of the custom domain: `/v1/ecs/*` -> the function's name. */
export const routesOf = (stage: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    functionNames.flatMap((name) => {
      const { path } = fcFunctions[name];
      return path === undefined ? [] : [[path, functionName(stage, name)]];
    }),
  );

/** @param code the folder that was packaged into @param environment of all functions, beside what each has */
export function specOf(
  stage: string,
  name: FcFunctionName,
  code: string,
  environment: FunctionSpec['environment'],
): FunctionSpec {
  const { folder, timeoutS: timeoutSeconds } = fcFunctions[name];
  return {
    ...{ name: functionName(stage, name), folder: join(code, folder), timeoutSeconds },
    environment: { ...environment, KEYVEND_FC_TIMEOUT_SECONDS: String(timeoutSeconds) },
  };
}
