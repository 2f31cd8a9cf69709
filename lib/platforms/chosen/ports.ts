// `#platform/ports.ts`, of the platform that the environment names: see http.ts.
import '../checked-configuration.ts';
import type { PlatformPorts } from '../platform.ts';

export const { cloudAccess, publisher, queueActions, trailKeeper }: PlatformPorts = await import(
  `../${process.env.KEYVEND_PLATFORM}/ports.ts`
);
