// `#platform/http.ts` unless a packager has put a platform's folder in its place (serverless.yml): the one of the platform that
// the environment names. The other files here do likewise.
import '../checked-configuration.ts'; // first: a wrong environment is reported by its variable, not by a missing file
import type { HttpTrigger } from '../platform.ts';

export const { requestOf, leftMsOf, responseOf }: HttpTrigger = await import(
  `../${process.env.KEYVEND_PLATFORM}/http.ts`
);
