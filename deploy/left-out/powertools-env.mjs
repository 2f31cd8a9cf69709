// In place of @aws-lambda-powertools/commons/utils/env in the bundles: the part of it that the logger asks, without messages of its own.
// A test compares lines with and without this, for every variable that the logger reads.
const value = (key) => process.env[key]?.trim();
const wrong = (key) => new TypeError(`wrong in the environment: ${key}`);

export const getStringFromEnv = ({ key, defaultValue }) => value(key) ?? defaultValue;

export function getNumberFromEnv({ key, defaultValue }) {
  const number = Number(value(key) ?? defaultValue);
  if (Number.isNaN(number)) throw wrong(key);
  return number;
}

export function getBooleanFromEnv({ key, defaultValue }) {
  const word = (value(key) ?? `${defaultValue}`).toLowerCase();
  if (word !== 'true' && word !== 'false') throw wrong(key);
  return word === 'true';
}

export const isDevMode = () => /^(1|y|yes|t|true|on)$/i.test(value('POWERTOOLS_DEV'));

export const shouldUseInvokeStore = () => !!value('AWS_LAMBDA_MAX_CONCURRENCY');

/** `Root=1-...;Parent=...;Sampled=1`, or an id alone. */
export function getXRayTraceIdFromEnv() {
  const id = globalThis.awslambda?.InvokeStore?.getXRayTraceId() ?? value('_X_AMZN_TRACE_ID');
  return /^[^=]+$/.exec(id ?? '')?.[0] ?? /(?:^|;)Root=([^=;]*)/.exec(id ?? '')?.[1];
}
