// In place of @aws-lambda-powertools/commons in the bundles, for the logger: what it names for tracing by an SDK, and a merge that goes into
// objects and lists, are 1.3 KB. Here a field of a line is set once and nothing is merged into it. A test compares lines with and without this.
export { LOGGER_KEY } from '../../node_modules/@aws-lambda-powertools/commons/lib/esm/middleware/constants.js';
export { isNullOrUndefined } from '../../node_modules/@aws-lambda-powertools/commons/lib/esm/typeUtils.js';
export { Utility } from '../../node_modules/@aws-lambda-powertools/commons/lib/esm/Utility.js';

export function deepMerge(target, ...sources) {
  for (const [key, value] of sources.flatMap((source) => Object.entries(source ?? {})))
    if (value !== undefined && key !== '__proto__' && key !== 'constructor') target[key] = value;
  return target;
}
