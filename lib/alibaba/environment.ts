// How a process of ours has a key of Alibaba Cloud, where it has one: as Alibaba's own programs find it.
import * as z from 'zod/mini';

/** As it goes into headers: a line end that was pasted along would be found only when the first request is made. */
const printable = () => z.optional(z.string().check(z.regex(/^[!-~]+$/)));

/** On Function Compute each call brings the key of the function's role, and these are not set. Source: "Credentials", Alibaba Cloud SDK V2.0 */
export const alibabaKeyVariables = () => ({
  ALIBABA_CLOUD_ACCESS_KEY_ID: printable(),
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: printable(),
  ALIBABA_CLOUD_SECURITY_TOKEN: printable(),
});

/** A part of a host's name. */
export const regionName = /^[a-z]{2}-[a-z0-9-]{2,30}$/;
