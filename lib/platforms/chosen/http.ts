// `#platform/http.ts` unless a packager has put a platform's folder in its place (serverless.yml): that of the platform which the
// environment names. Likewise the other files here.
import '../checked-configuration.ts'; // first: what is wrong with the environment is told by its name, not by a missing file
import type { HttpTrigger } from '../platform.ts';

export const { requestOf, leftMsOf, responseOf }: HttpTrigger = await import(
  `../${process.env.KEYVEND_PLATFORM}/http.ts`
);
